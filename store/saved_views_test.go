package store

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// Saved views are a person's own: bounded, under names of their own, and of
// nobody else's concern.
func TestSavedViews(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		anna, olga := h.party("anna"), h.party("olga")
		high := models.SavedView{List: "matrix", Name: "High tier", Query: "tier=high"}
		save := func(by models.Party, v models.SavedView) error { return h.SaveView(t.Context(), by, v) }
		require.NoError(t, save(anna, high))
		require.NoError(t, save(anna, high), "the same form twice")
		require.Equal(t, models.Conflict, models.CodeOf(save(anna, models.SavedView{List: "matrix", Name: " High  tier", Query: "tier=low"})))
		require.NoError(t, save(anna, models.SavedView{List: "agents", Name: "High tier", Query: "q=x"}), "another list")
		require.Equal(t, "name", models.FieldsOf(save(anna, models.SavedView{List: "matrix", Name: " ", Query: "q=x"}))[0].Field)
		require.Equal(t, "name", models.FieldsOf(save(anna, models.SavedView{List: "matrix", Name: strings.Repeat("é", 61), Query: "q=x"}))[0].Field)
		require.NoError(t, save(anna, models.SavedView{List: "matrix", Name: strings.Repeat("é", 60), Query: "q=x"}))

		for i := range models.MostSavedViews - 3 {
			require.NoError(t, save(anna, models.SavedView{List: "matrix", Name: strconv.Itoa(i), Query: "q=x"}))
		}
		require.Equal(t, "view.most", models.RuleOf(save(anna, models.SavedView{List: "matrix", Name: "one more", Query: "q=x"})))
		require.NoError(t, save(olga, high), "somebody else's do not count")

		require.NoError(t, h.ForgetView(t.Context(), olga, "agents", "High tier"))
		views, err := h.SavedViews(t.Context(), anna, "agents")
		require.NoError(t, err)
		require.Len(t, views, 1, "nobody removes another's")
		require.NoError(t, h.ForgetView(t.Context(), anna, "agents", "High tier"))
		views, err = h.SavedViews(t.Context(), anna, "agents")
		require.NoError(t, err)
		require.Empty(t, views)
	})
}

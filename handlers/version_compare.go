package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// VersionCompare says how a version differs from another one of the same
// capability: ?with=its id. The older one is always the one compared with.
func VersionCompare(r *Request) error {
	c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	other, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, r.Query("with"))
	if err != nil {
		return err
	}
	if other.Capability.ID != c.Capability.ID {
		return models.Refusal(models.NotFound, "not_found", "These are not versions of one task, so there is nothing to compare.")
	}
	if other.Asked.Version.No > c.Asked.Version.No {
		c, other = other, c
	}
	was := store.Earlier{Version: other.Asked.Version, Revision: other.Registered}
	if was.Version.Digest == "" {
		text, err := models.Canonical(other.Preview(*other.Asked))
		if err != nil {
			return err
		}
		was.Version.Document = text
	}
	page := views.VersionCompare{VersionTop: versionTop(r, c), With: "version " + strconv.Itoa(was.Version.No),
		Changes: differences(was, documentOf(c, c.Asked), c.Registered)}
	page.Others = []views.Crumb{{Label: "the list of versions", Href: "/capabilities/" + c.Capability.ID + "/versions"}}
	return r.Render(http.StatusOK, views.VersionDiff(r.Head("Compare", page.Title), page))
}

package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"countersign/models"
	"countersign/views"
)

// viewKeys are what a saved view keeps of a list's address: all that says what is
// shown, and not which page of it.
var viewKeys = map[string][]string{
	"matrix": {"q", "state", "tier", "hole", "held", "emergency", "due", "person", "team", "agent", "sort", "dir", "at"},
	"agents": {"q", "state", "owner"},
}

// viewOf is a view of a list of ours: of what is typed or sent, only what the list
// knows is kept. ok is false where nothing of it is.
func viewOf(list, query string) (v models.SavedView, ok bool) {
	if len(query) > 4000 {
		return v, false
	}
	typed, err := url.ParseQuery(query)
	if err != nil {
		return v, false
	}
	kept := url.Values{}
	for _, key := range viewKeys[list] {
		if value := strings.TrimSpace(typed.Get(key)); value != "" {
			kept.Set(key, firstRunes(value, 100))
		}
	}
	v = models.SavedView{List: list, Query: kept.Encode()}
	return v, v.Query != "" && len(v.Query) <= 2000
}

// saved are the viewer's views of a list whose address has this query now.
func (r *Request) saved(list string, query url.Values) (views.SavedViews, error) {
	now, _ := viewOf(list, query.Encode())
	mine, err := r.App.Store.SavedViews(r.Ctx(), r.Viewer, list)
	return views.SavedViews{List: list, Now: now.Query, Mine: mine}, err
}

// MeViews shows the viewer's saved views, to go to or to remove.
func MeViews(r *Request) error {
	mine, err := r.App.Store.SavedViews(r.Ctx(), r.Viewer, "")
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.MeViews(r.Head("Your saved views", ""), views.MeViewsPage{Party: r.Viewer, Views: mine, Keys: r.Keys()}))
}

// MeViewNew asks for the name of the view that the address names.
func MeViewNew(r *Request) error {
	v, ok := viewOf(r.Query("list"), r.Query("view"))
	if !ok {
		return noSuchView()
	}
	return r.drawView(v, redraw{})
}

// MeViewSave keeps a view under the name that was typed.
func MeViewSave(r *Request) error {
	v, ok := viewOf(r.Form("list"), r.Form("view"))
	if !ok {
		return noSuchView()
	}
	v.Name = r.Form("name")
	if err := r.App.Store.SaveView(r.Ctx(), r.Viewer, v); err != nil {
		refused, ok := again(err, "name")
		if !ok {
			return err
		}
		return r.drawView(v, refused)
	}
	r.Flash(views.KindSuccess, "Saved. You find it on this page from now on.")
	return r.Redirect(views.ViewHref(v))
}

// MeViewForget removes one of the viewer's views.
func MeViewForget(r *Request) error {
	list, name := r.Form("list"), r.Form("name")
	if !slices.Contains([]string{"matrix", "agents"}, list) || name == "" {
		return noSuchView()
	}
	if err := r.App.Store.ForgetView(r.Ctx(), r.Viewer, list, name); err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "The view is removed. The list is as it was.")
	return r.Redirect("/me/views")
}

func noSuchView() error {
	return models.Refusal(models.NotFound, "not_found", "There is no such view. Filter a list first, and save it from there.")
}

func (r *Request) drawView(v models.SavedView, a redraw) error {
	return r.Render(a.code(), views.MeViewNew(r.headAfter("Save this view", "", a), views.MeViewPage{View: v, Keys: r.Keys(), Errors: a.errors}))
}

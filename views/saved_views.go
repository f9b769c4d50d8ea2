package views

import (
	"net/url"

	"countersign/models"
)

// SavedViews are a person's views of one list, on the list.
type SavedViews struct {
	List string
	Now  string // the filters and the order as they are now; "" is none
	Mine []models.SavedView
}

// MeViewsPage is the page of all of them.
type MeViewsPage struct {
	models.Party
	Views []models.SavedView
	Keys  FormKeys
}

// MeViewPage asks for a view's name.
type MeViewPage struct {
	View   models.SavedView
	Keys   FormKeys
	Errors Errors
}

// ViewHref is where a view leads: the list that it is of.
func ViewHref(v models.SavedView) string { return "/" + v.List + "?" + v.Query }

// unsaved says that the list is filtered as no view is.
func (s SavedViews) unsaved() bool {
	for _, v := range s.Mine {
		if v.Query == s.Now {
			return false
		}
	}
	return s.Now != ""
}

func (s SavedViews) saveHref() string {
	return "/me/views/new?" + url.Values{"list": {s.List}, "view": {s.Now}}.Encode()
}

// current is what aria-current says of a view's link.
func (s SavedViews) current(v models.SavedView) string {
	if v.Query == s.Now {
		return "page"
	}
	return "false"
}

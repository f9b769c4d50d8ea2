package handlers

import (
	"net/http"
	"slices"
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

// differences are the sentences of the contents and, where the agent is another
// revision, of its manifest.
func differences(was store.Earlier, doc models.Document, is *models.AgentRevision) []views.DiffLine {
	all := models.Differences(was.Version.Doc(), doc)
	if was.Revision != nil && is != nil && was.Revision.ID != is.ID {
		all = slices.Insert(all, sameFrom(all), models.ManifestDifferences(was.Revision.Manifest(), is.Manifest())...)
	}
	return views.DiffLines(all)
}

// sameFrom is where the lines begin that say what is unchanged.
func sameFrom(all []models.Difference) int {
	if i := slices.IndexFunc(all, func(d models.Difference) bool { return d.Kind == models.DiffSame }); i >= 0 {
		return i
	}
	return len(all)
}

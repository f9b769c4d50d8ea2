package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// CapabilityVersions lists the versions of a capability, newest first, each with
// a link that compares it with the one before.
func CapabilityVersions(r *Request) error {
	id := r.Param("id")
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	before, _ := strconv.Atoi(r.Query("before")) // what is no number is the newest
	lines, more, err := r.App.Store.VersionLines(r.Ctx(), r.Viewer, id, max(0, before))
	if err != nil {
		return err
	}
	page := views.CapabilityVersions{CapabilityTop: capabilityTop(r, c)}
	for i, l := range lines {
		line := versionLine(r, l)
		if i+1 < len(lines) {
			line.Compare, line.CompareHref = "Version "+strconv.Itoa(lines[i+1].No), line.Href+"/compare?with="+lines[i+1].ID
		}
		page.Versions = append(page.Versions, line)
	}
	here := "/capabilities/" + id + "/versions"
	if more {
		page.Older = here + "?before=" + strconv.Itoa(lines[len(lines)-1].No)
	}
	if before > 0 {
		page.Newest = here
	}
	return r.Render(http.StatusOK, views.CapabilityVersionList(r.Head("Versions", page.Title), page))
}

func versionLine(r *Request, l store.VersionLine) views.CapabilityVersion {
	out := views.CapabilityVersion{No: l.No, Href: "/versions/" + l.ID, State: l.State, Digest: l.Digest, InForce: l.HadMandate, Reason: l.Reason,
		Submitter: l.Submitter.Name, Team: l.Submitter.Team, Ender: l.Ender.Name}
	if l.Digest != "" {
		out.Tier = l.Tier
	}
	if l.SubmittedAt != nil {
		out.Submitted = r.Local(*l.SubmittedAt)
	}
	if l.EndedAt != nil {
		out.Ended = r.Local(*l.EndedAt)
		if l.EndedBy != nil && *l.EndedBy == models.SystemActor {
			out.Ender = "Countersign"
		}
	}
	return out
}

// CapabilityDraft starts the next version: the business owner does.
func CapabilityDraft(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideCapability(r.Ctx(), act, r.Param("id"), store.Lookup{}, models.CapabilityFacts.NewDraft)
	if err != nil {
		return err
	}
	return r.done(receipt, "/versions/"+receipt.Subject+"/draft", "The new version is a copy of the last one. Change what should change, then submit it; until it is signed, nothing else changes.")
}

// CapabilityDraftNew asks before the next version is started, for links.
func CapabilityDraftNew(r *Request) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if err := c.MayDraft(); err != nil {
		return err
	}
	no := strconv.Itoa(c.Last.Version.No + 1)
	page := views.CapabilityAct{CapabilityTop: capabilityTop(r, c), Page: "Start version " + no, Heading: "Start version " + no + "?",
		Effects: []string{
			"It begins as a copy of version " + strconv.Itoa(shownVersion(c).Version.No) + ", with the same people named.",
			"What is in force stays in force, unchanged, until the new version is signed and takes its place.",
		},
		Action: "/capabilities/" + c.Capability.ID + "/versions", Keys: r.Keys(), Button: "Start version " + no}
	return r.Render(http.StatusOK, views.CapabilityDo(r.Head(page.Page, page.Title), page))
}

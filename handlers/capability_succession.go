package handlers

import (
	"countersign/store"
	"countersign/views"
)

// CapabilitySuccession offers the roles of what is in force to successors: the
// owner any of them, everybody else of the four their own. It is the people page
// of the version in force, whose forms go there.
func CapabilitySuccession(r *Request) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if c.Force == nil {
		r.Flash(views.KindInfo, "Nothing of it is in force, so there is no role to hand on.")
		return r.Redirect("/capabilities/" + c.Capability.ID)
	}
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, c.Force.Version.ID, store.Lookup{})
	if err != nil {
		return err
	}
	return drawNominees(r, d, attempt{})
}

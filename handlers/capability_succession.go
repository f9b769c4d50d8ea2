package handlers

// CapabilitySuccession leads to the page on which the roles of what is in force
// are offered to successors.
func CapabilitySuccession(r *Request) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if c.Force == nil {
		r.Flash("info", "Nothing of it is in force, so there is no role to hand on.")
		return r.Redirect("/capabilities/" + c.Capability.ID)
	}
	return r.Redirect("/versions/" + c.Force.Version.ID + "/people")
}

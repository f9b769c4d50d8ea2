package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminGroupList shows administrators and auditors which groups of the identity
// provider give which roles.
func AdminGroupList(r *Request) error { return r.drawGroups(redraw{}) }

// AdminGroupMap lets a group give a role: an administrator does. It never gives it to
// the one who made the mapping.
func AdminGroupMap(r *Request) error {
	issuer, group, role := r.Form("issuer"), r.Form("group_name"), models.Role(r.Form("role"))
	return r.changeGroups("Members of "+group+" get the role "+role.Words()+" at their next sign-in.",
		func(f models.AdminFacts) (models.Change, error) { return f.MapGroup(issuer, group, role) })
}

// AdminGroupEnd ends a mapping: an administrator does.
func AdminGroupEnd(r *Request) error {
	id := r.Param("id")
	return r.changeGroups("The mapping is ended. The roles that came from it end at each person’s next sign-in.",
		func(f models.AdminFacts) (models.Change, error) { return f.UnmapGroup(id) })
}

func (r *Request) changeGroups(said string, rule func(models.AdminFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Mappings: true}, rule)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawGroups(refused)
	}
	return r.done(receipt, "/admin/groups", said)
}

func (r *Request) drawGroups(a redraw) error {
	rows, makers, issuers, err := r.App.Store.Groups(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.AdminGroupsPage{Issuer: r.Form("issuer"), GroupName: r.Form("group_name"), Role: r.Form("role"), Issuers: issuers,
		May: r.Viewer.Has(models.Administrator), Keys: r.newKeys(), Errors: a.errors, Now: r.Now()}
	for _, m := range rows {
		page.Mappings = append(page.Mappings, views.AdminMapping{GroupMapping: m, By: makers[m.CreatedBy], Keys: r.newKeys()})
	}
	return r.Render(a.code(), views.AdminGroups(r.headAfter("Groups", "Administration", a), page))
}

package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"countersign/importers/catalogue"
	"countersign/models"
	"countersign/views"
)

// takenAtOnce is how many operations one request takes in before it answers; the page then
// goes on with the rest. It is half a second's work.
const takenAtOnce = 1000

// SystemCatalogues shows an administrator the published catalogues, and the systems of one.
func SystemCatalogues(r *Request) error {
	page := views.CataloguesPage{Search: firstRunes(r.Query("q"), models.MaxName), Level: "restricted", Keys: r.Keys()}
	if id := r.Query("catalogue"); id != "" {
		p, err := publishedAs(id)
		if err != nil {
			return err
		}
		page.Chosen = &views.CatalogueRow{ID: p.ID}
	}
	return r.drawCatalogues(page, redraw{})
}

// SystemCataloguesTake takes systems of a published catalogue into the organisation's: an
// administrator does. Each system is an act of its own, and one request takes in a part; the
// page that it answers with asks for the next. What cannot be taken in (it is retired here,
// or its name is of another kind of system) is left out and named.
func SystemCataloguesTake(r *Request) error {
	p, ok := catalogue.ByID(r.Form("catalogue"))
	if !ok {
		return r.drawCatalogues(views.CataloguesPage{Keys: r.Keys()}, redraw{http.StatusUnprocessableEntity, views.Errors{{Message: "Choose a catalogue from the list."}}})
	}
	keys := r.FormAll("service")
	if r.Form("all") != "" {
		keys = nil
		for _, s := range p.Systems {
			keys = append(keys, s.Key)
		}
	}
	done, _ := strconv.Atoi(r.Form("done")) // only shown
	left := r.FormAll("left")
	page := views.CataloguesPage{Chosen: &views.CatalogueRow{ID: p.ID}, Search: firstRunes(r.Form("q"), models.MaxName), Ticked: keys,
		Team: r.Form("custodian_team_id"), Level: r.Form("sensitivity"), Keys: r.Keys()}
	if len(keys) == 0 {
		return r.drawCatalogues(page, redraw{http.StatusUnprocessableEntity, views.Errors{{Field: "service-0", Message: "Tick at least one system."}}})
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	nonce, operations := act.ID, 0
	for len(keys) > 0 && operations < takenAtOnce {
		key := keys[0]
		keys, done = keys[1:], done+1
		s, ok := p.Service(key)
		if !ok {
			continue
		}
		operations += s.Operations
		sum := sha256.Sum256([]byte(nonce + "/" + key))
		act.ID = hex.EncodeToString(sum[:16])
		_, err := r.App.Store.ImportSystem(r.Ctx(), act, s.Imported(), page.Team, page.Level)
		switch refused := leftOut(err); {
		case refused != "":
			left = append(left, s.Name+": "+refused)
		case err != nil && models.RuleOf(err) != "catalogue.same":
			a, ok := again(err, "")
			if !ok {
				return err
			}
			return r.drawCatalogues(page, a)
		}
	}
	left = left[:min(len(left), views.MaxServices)]
	if len(keys) > 0 {
		page.Going = &views.CatalogueGoing{Done: done, All: done + len(keys), Rest: keys, Left: left}
		return r.drawCatalogues(page, redraw{})
	}
	kind, said := views.KindSuccess, views.Counted(done, "system is", "systems are")+" in your catalogue."
	if len(left) > 0 {
		kind, said = views.KindWarning, views.Counted(done-len(left), "system is", "systems are")+" in your catalogue. Left out: "+strings.Join(left[:min(len(left), 5)], " ")
		if len(left) > 5 {
			said += " And " + views.Counted(len(left)-5, "other", "others") + "."
		}
	}
	r.Flash(kind, said)
	return r.Redirect(views.HrefWith("/systems/catalogues", "catalogue", p.ID, "q", page.Search))
}

// leftOut says why one system cannot be taken in while others can.
func leftOut(err error) string {
	var refused *models.Error
	if !errors.As(err, &refused) {
		return ""
	}
	if refused.Rule == "catalogue.retired" {
		return refused.Message
	}
	for _, f := range refused.Fields {
		if f.Field == "name" {
			return f.Message
		}
	}
	return ""
}

func publishedAs(id string) (catalogue.Published, error) {
	p, ok := catalogue.ByID(id)
	if !ok {
		return p, models.Refusal(models.NotFound, "not_found", "There is no such published catalogue.")
	}
	return p, nil
}

func (r *Request) drawCatalogues(page views.CataloguesPage, a redraw) (err error) {
	page.Errors = a.errors
	all, err := catalogue.All()
	if err != nil {
		return err
	}
	var names []string
	for _, p := range all {
		for _, s := range p.Systems {
			names = append(names, s.Name)
		}
	}
	there, err := r.App.Store.SystemsNamed(r.Ctx(), names)
	if err != nil {
		return err
	}
	if page.Teams, err = r.App.Store.TeamChoices(r.Ctx()); err != nil {
		return err
	}
	for _, p := range all {
		row := views.CatalogueRow{ID: p.ID, Name: p.Name, Says: p.Says, Systems: len(p.Systems), Operations: p.Operations}
		for _, s := range p.Systems {
			was, is := there[s.Name]
			if is {
				row.There++
			}
			if page.Chosen == nil || page.Chosen.ID != p.ID || !called(s, page.Search) {
				continue
			}
			if page.Matching++; len(page.Services) < views.MaxServices {
				page.Services = append(page.Services, views.ServiceRow{Key: s.Key, Name: s.Name, Operations: s.Operations, ID: was.ID, Has: was.Operations, Retired: is && was.State != "active"})
			}
		}
		page.Catalogues = append(page.Catalogues, row)
	}
	if page.Chosen != nil {
		i := slices.IndexFunc(page.Catalogues, func(c views.CatalogueRow) bool { return c.ID == page.Chosen.ID })
		page.Chosen = &page.Catalogues[i]
	}
	return r.Render(a.code(), views.Catalogues(r.headAfter("Published catalogues", "Systems", a), page))
}

// called says whether each word of a search is in the system's name or key.
func called(s catalogue.Service, search string) bool {
	text := models.Folded(s.Name + " " + s.Key)
	return !slices.ContainsFunc(models.SearchWords(search), func(w string) bool { return !strings.Contains(text, w) })
}

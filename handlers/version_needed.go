package handlers

import (
	"slices"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// mostNamed is how many people a sentence names before it says how many more.
const mostNamed = 3

// neededSentence is what a version still lacks to be in force, and from whom, in
// one plain sentence.
func neededSentence(c store.CapabilityRead, v models.VersionFile, n models.Needed) string {
	switch {
	case v.Version.State == models.Approved:
		return "Nobody has to sign it any more: " + c.NotYet(v) + "."
	case len(n.Roles) > 0:
		out := capital(rolesText(c, v, n.Roles))
		if n.Seats > 0 {
			out += "; then " + seatsText(c, v, n)
		}
		return out + "."
	case n.Seats == 0:
		return "Nobody has to sign it any more."
	}
	out := capital(seatsText(c, v, n)) + "."
	if len(n.Can) == 0 {
		out += " Nobody here can give it at present: an administrator can give somebody the role approver."
	}
	return out
}

// neededText is what a version still lacks in sign-offs, for the middle of a
// sentence: "one more approver, from a team other than Payments".
func neededText(c store.CapabilityRead, v models.VersionFile) string {
	return seatsText(c, v, c.Needed(v))
}

// rolesText says who has to accept which role first.
func rolesText(c store.CapabilityRead, v models.VersionFile, roles []models.Role) string {
	var out []string
	for _, role := range roles {
		if who, ok := v.Nominee(role); ok {
			p := named(c, who)
			verb := " has"
			if p.You {
				verb = " have"
			}
			out = append(out, text(p)+verb+" to accept the role "+role.Words())
			continue
		}
		out = append(out, "somebody has to be named for the role "+role.Words())
	}
	return views.And(out)
}

func seatsText(c store.CapabilityRead, v models.VersionFile, n models.Needed) string {
	more := ""
	if len(v.Valid()) > 0 {
		more = "more "
	}
	out := views.NumberWord(n.Seats) + " " + more + "approver"
	if n.Seats != 1 {
		out += "s"
	}
	if n.Apart && n.Seats > 1 {
		out += " of different teams"
	}
	if teams := teamNames(c, n.Spoken); len(teams) > 0 {
		out += ", from a team other than " + orList(teams)
	}
	if teams := teamNames(c, n.Custodians); len(teams) > 0 {
		out += ", " + custodiansText(n.Seats, teams)
	}
	return out + notText(c, v, n)
}

// custodiansText: a system that it reaches asks for a word of those who look
// after it.
func custodiansText(seats int, teams []string) string {
	switch {
	case seats == 1:
		return "from " + teams[0] + ", who look after a system that it reaches"
	case len(teams) == 1:
		return "one of them from " + teams[0] + ", who look after a system that it reaches"
	}
	return "one from each of " + views.And(teams) + ", who look after systems that it reaches"
}

// notText names those who hold the role and cannot, with why: the reader first.
// Who only is of a team that has spoken was said already.
func notText(c store.CapabilityRead, v models.VersionFile, n models.Needed) string {
	me := c.By.Person.ID
	var not []models.CannotSign
	for _, x := range n.Cannot {
		if rule := models.RuleOf(models.MaySign(x.Party, v)); rule == "separation.approver" || rule == "separation.seat" {
			not = append(not, x)
		}
	}
	slices.SortStableFunc(not, func(a, b models.CannotSign) int { return rankNot(a, me, v) - rankNot(b, me, v) })
	var names, whys []string
	for _, x := range not[:min(mostNamed, len(not))] {
		name, why := x.Person.Name, x.Why
		if x.Person.ID == me {
			name, why = "you", models.WhyNot(x.Party, v, true)
		}
		names, whys = append(names, name), append(whys, why)
	}
	switch left := len(not) - mostNamed; {
	case len(not) == 0:
		return ""
	case len(not) == 1:
		return "; not " + names[0] + ", who " + whys[0]
	case left == 1:
		return "; not " + orList(append(names, "1 other")) + ", because " + because(names, whys)
	case left > 1:
		return "; not " + orList(append(names, strconv.Itoa(left)+" others")) + ", because " + because(names, whys)
	}
	return "; not " + orList(names) + ", because " + because(names, whys)
}

func because(names, whys []string) string {
	var out []string
	for i, name := range names[:len(whys)] {
		out = append(out, name+" "+whys[i])
	}
	return views.And(out)
}

// rankNot: the reader, then the makers, then who signed already.
func rankNot(x models.CannotSign, me string, v models.VersionFile) int {
	switch {
	case x.Person.ID == me:
		return 0
	case v.Standings[x.Person.ID] == models.Maker:
		return 1
	}
	return 2
}

// teamNames are the teams by name, each once; what no page loaded is looked for
// among the approvers' own.
func teamNames(c store.CapabilityRead, ids []string) []string {
	var out []string
	for _, id := range ids {
		name := c.Teams[id].Name
		for i := 0; name == "" && i < len(c.Approvers); i++ {
			for _, t := range c.Approvers[i].Teams {
				if t.ID == id {
					name = t.Name
				}
			}
		}
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

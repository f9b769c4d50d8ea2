package views

import (
	"countersign/models"
	"strings"
	"time"
)

// localTime is an instant at the place of now, the reader's.
func localTime(at models.Instant, now time.Time) time.Time { return at.Time().In(now.Location()) }

func partyTeam(p models.Party) string {
	if len(p.Teams) == 0 {
		return ""
	}
	return p.Team()
}

func partyLabel(p models.Party) string {
	if team := partyTeam(p); team != "" {
		return p.Person.Name + " (" + team + ")"
	}
	return p.Person.Name
}

func teamNames(p models.Party) string {
	names := make([]string, len(p.Teams))
	for i, t := range p.Teams {
		names[i] = t.Name
	}
	return strings.Join(names, ", ")
}

// roleWords lists roles in the order in which pages show them.
func roleWords(roles []models.Role) string {
	var words []string
	for _, r := range models.Roles {
		for _, x := range roles {
			if x == r {
				words = append(words, r.Words())
				break
			}
		}
	}
	return strings.Join(words, ", ")
}

// personState is a person's status in the words of a state.
func personState(p models.Person) string {
	if p.Status == models.PersonActive {
		return "active"
	}
	return "inactive"
}

// GrantFrom says where a role comes from.
func GrantFrom(g models.Grant, by models.Party) string {
	switch g.Source {
	case "group":
		return "from a group of the identity provider, mapped by " + or(by.Person.Name, "an administrator")
	case "bootstrap":
		return "from the operator’s configuration"
	}
	return "granted by " + or(by.Person.Name, "an administrator")
}

func roleOptions(roles []models.Role) []Option {
	out := make([]Option, len(roles))
	for i, r := range roles {
		out[i] = Option{Value: string(r), Label: upperFirst(r.Words())}
	}
	return out
}

func choiceOptions(choices []models.Choice) []Option {
	out := make([]Option, len(choices))
	for i, c := range choices {
		out[i] = Option{Value: c.Value, Label: upperFirst(c.Words)}
	}
	return out
}

// noun is the one that fits the number.
func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Counted is a number with its noun.
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// AccountLabel is how people call an account.
func AccountLabel(a models.Account) string {
	switch {
	case a.Name != "" && a.Email != "":
		return a.Name + ", " + a.Email
	case a.Name != "" || a.Email != "":
		return a.Name + a.Email
	}
	return a.Subject
}

package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// CapabilityNew is the short form with which a capability of an agent begins: for
// the agent's business owner. ?skill=2 begins it with a skill of the import.
func CapabilityNew(r *Request) error {
	page, err := newCapability(r)
	if err != nil {
		return err
	}
	if i, err := strconv.Atoi(r.Query("skill")); err == nil {
		for _, s := range page.Skills {
			if s.Index == i {
				return drawNew(r, page, cutTitle(s.Name), s.Description, attempt{})
			}
		}
	}
	return drawNew(r, page, "", "", attempt{})
}

// CapabilityCreate makes the draft and asks who was chosen.
func CapabilityCreate(r *Request) error {
	page, err := newCapability(r)
	if err != nil {
		return err
	}
	task := models.Task{Title: r.Form("title"), Task: r.Form("task")}
	if r.Form("find") != "" {
		return drawNew(r, page, task.Title, task.Task, attempt{})
	}
	nominees := map[models.Role]string{models.Provisioner: r.Form("provisioner"), models.ControlOwner: r.Form("control_owner")}
	act, refusal := r.Act()
	var receipt models.Receipt
	if refusal == nil {
		also := store.Lookup{People: []string{nominees[models.Provisioner], nominees[models.ControlOwner]}}
		receipt, refusal = r.App.Store.DecideAgent(r.Ctx(), act, page.Agent.ID, also, func(f models.AgentFacts) (models.Change, error) {
			return f.NewCapability(task, nominees)
		})
	}
	if refusal != nil {
		a, err := attempted(nil, refusal)
		if err != nil {
			return err
		}
		return drawNew(r, page, task.Title, task.Task, a)
	}
	version, err := r.App.Store.OpenVersion(r.Ctx(), r.Viewer, receipt.Subject)
	if err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "The draft is started. Write the task boundary; whoever you nominated is asked to write their part within 14 days.")
	return r.Redirect(draftPath(version, "draft"))
}

// newCapability is the agent, for its owner alone.
func newCapability(r *Request) (store.NewCapabilityPage, error) {
	page, err := r.App.Store.NewCapability(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return page, err
	}
	if page.Agent.OwnerID != r.Viewer.Person.ID {
		return page, models.Refusal(models.Forbidden, "agent.owner", "Only the agent's business owner can start a capability of it.")
	}
	if page.Agent.State == models.AgentRetired {
		return page, models.Refusal(models.Conflict, "agent.retired", "This agent is retired, so nothing new can be drafted for it.")
	}
	return page, nil
}

// maxSkills is how many skills of an import are listed.
const maxSkills = 20

func drawNew(r *Request, p store.NewCapabilityPage, title, task string, a attempt) error {
	page := views.DraftNewPage{AgentID: p.Agent.ID, Agent: p.Agent.Name, Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Title: title, Task: task}
	for _, s := range p.Skills[:min(len(p.Skills), maxSkills)] {
		skill := views.DraftSkill{Name: s.Name, Text: s.Description, Href: "/agents/" + p.Agent.ID + "/capabilities/new?skill=" + strconv.Itoa(s.Index)}
		if skill.Name == "" {
			skill.Name = "Skill " + strconv.Itoa(s.Index+1)
		}
		skill.Taken = r.Query("skill") == strconv.Itoa(s.Index)
		page.Skills = append(page.Skills, skill)
	}
	if r.Query("skill") != "" && (title != "" || task != "") {
		page.File = p.File
	}
	for role, pick := range map[models.Role]*views.NomineePick{models.Provisioner: &page.Provisioner, models.ControlOwner: &page.ControlOwner} {
		if err := pickNew(r, role, pick, a); err != nil {
			return err
		}
	}
	page.ControlOwner.Hint = "At tier high or critical this must be another person than you."
	head := r.Head("New capability", p.Agent.Name)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.DraftNew(head, page))
}

// pickNew offers everybody who holds the role; the owner cannot be the provisioner.
func pickNew(r *Request, role models.Role, pick *views.NomineePick, a attempt) error {
	*pick = views.NomineePick{Name: string(role), Label: upper(role.Words()), Error: a.problems.For(string(role)), Find: r.Form("find-" + string(role)), Value: r.Form(string(role)),
		None: "Nobody holds the role " + role.Words() + " yet. Start the draft without, and ask an administrator to give somebody the role."}
	holders, many, err := r.App.Store.RoleHolders(r.Ctx(), role, pick.Find, pick.Value)
	if err != nil {
		return err
	}
	pick.Many = many
	others := map[models.Role]string{models.BusinessOwner: r.Viewer.Person.ID}
	for _, p := range holders {
		if models.MayHold(role, p, "", models.Low, others) == nil {
			pick.People = append(pick.People, p)
		}
	}
	return nil
}

// cutTitle makes an imported name fit; what a person types is never cut.
func cutTitle(name string) string {
	if name := []rune(name); len(name) > models.MaxTitle {
		return string(name[:models.MaxTitle-1]) + "…"
	}
	return name
}

package world

import (
	"countersign/models"
	"countersign/policy"
)

// askedAndAnswered tells of a next version that was signed by one, asked about by
// another and sent back, and of the narrower one that followed it.
func askedAndAnswered(c *cast) {
	desk := c.kept["Absence desk"].stories[0]
	wider := bookAbsences
	wider.volume = 200
	wider.grants = []grant{{"people.read", []string{"absences/*"}}, {"absences.write", nil}}
	desk.do("anna", models.CapabilityFacts.NewDraft).scope(wider)
	version := desk.submitted()
	desk.accept("anna", "priya", "carlos").sign("zoe")
	asked := desk.say("xu", version, "", models.ScopePart, "Why every absence? Version 1 kept to those in the absence system.")
	desk.say("priya", version, asked, "", "Two plants keep theirs in folders of their own. I could name these two instead.")
	desk.do("xu", func(f models.CapabilityFacts) (models.Change, error) {
		return f.AskForChanges(shown(f), models.Signing{Comment: "Then name the two plants, please. I sign that."})
	})
	narrower := wider
	narrower.grants = []grant{{"people.read", []string{"absences/*"}}, {"absences.write", []string{"absences/*", "plants/basel/absences/*", "plants/lugano/absences/*"}}}
	version = desk.scope(narrower).submitted()
	desk.accept("anna", "priya", "carlos")
	desk.say("priya", version, "", models.ScopePart, "Basel and Lugano are named now, and nothing beside them.")
}

// submitted submits the draft and is its id.
func (s *story) submitted() (version string) {
	s.do(s.owner, func(f models.CapabilityFacts) (models.Change, error) {
		version = f.Open.Version.ID
		return f.Submit(version, policy.Compile)
	})
	return version
}

// say comments on a part of a version, or answers a comment, and is its id.
func (s *story) say(who, version, answers string, part models.Part, text string) string {
	c := s.c
	if c.err != nil {
		return ""
	}
	c.days(0.1)
	return c.keep(c.store.DecideComment(c.ctx, c.act(who), version, answers, func(f models.CommentFacts) (models.Change, error) {
		return f.Comment(string(part), text)
	})).Subject
}

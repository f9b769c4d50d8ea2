package views

import "countersign/models"

// AgentOwnerPage is an agent whose owner has left: for who may name another, with Pick;
// for who is asked, with Asked.
type AgentOwnerPage struct {
	ID, Name, Purpose, State  string
	Former                    models.Party
	Drafts                    int
	Pick                      *NomineePick
	Waits                     models.Party // who is asked already; zero for nobody
	Asked                     bool
	Why                       string // why there is nothing to do
	Reason                    string
	NameKeys, Accept, Decline FormKeys
	Errors                    Errors
}

func (p AgentOwnerPage) href(more string) string { return "/agents/" + p.ID + "/owner" + more }

package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"countersign/store"
	"countersign/views"
)

// askedInbox is what the address asks for: a kind of duty, a tier, and where the
// page begins. What does not exist is not asked for.
func askedInbox(r *Request) store.InboxAsk {
	ask := store.InboxAsk{After: store.ParseInboxCursor(r.Query("after"))}
	if kind := r.Query("kind"); views.DutyKind(kind) != "" {
		ask.Kind = kind
	}
	if i := slices.Index(views.InboxTiers, r.Query("tier")); i >= 0 {
		rank := 3 - i
		ask.Tier = &rank
	}
	return ask
}

// homeList answers the list's own question whether it is still as it was: with
// nothing where it is, and else with itself. It is nobody's doing, so it does not
// keep a session from ending (Recognise).
func homeList(r *Request, ask store.InboxAsk) error {
	had := strings.SplitN(r.Query("had"), ".", 2)
	head, err := r.App.Store.Head(r.Ctx())
	if err != nil {
		return err
	}
	if len(had) == 2 && had[0] == homeMoment(r, head) {
		return r.NoContent(http.StatusNoContent)
	}
	list, in, err := readHome(r, r.App.Store, ask)
	if err != nil {
		return err
	}
	if len(had) == 2 && had[1] == list.Sum {
		return r.NoContent(http.StatusNoContent)
	}
	if len(in.Counts) == 0 {
		mine, _, err := r.App.Store.AnswersFor(r.Ctx(), r.Viewer, nil)
		if err != nil {
			return err
		}
		coming(r, mine, &list)
	}
	return r.Render(http.StatusOK, views.HomeListPart(list))
}

// homeMoment is until when nothing can have changed: the ledger's head, and ten
// minutes in which something may fall due, or a stand-in's time be up, by itself.
func homeMoment(r *Request, head int64) string {
	return strconv.FormatInt(head, 10) + "-" + strconv.FormatInt(r.App.Now().Unix()/600, 10)
}

func readHome(r *Request, from *store.Store, ask store.InboxAsk) (list views.HomeList, in store.Inbox, err error) {
	head, err := from.Head(r.Ctx()) // before the list: what comes between is asked for once more
	if err != nil {
		return list, in, err
	}
	if in, err = from.Inbox(r.Ctx(), r.Viewer, ask); err != nil {
		return list, in, err
	}
	list = views.HomeList{Now: r.Now(), Kind: ask.Kind, Kinds: map[string]int{}, Tiers: map[string]int{}}
	if ask.Tier != nil {
		list.Tier = views.InboxTiers[3-*ask.Tier]
	}
	for _, n := range in.Counts {
		tier := views.InboxTiers[3-n.TierRank]
		list.Count += n.N
		if list.Tier == "" || list.Tier == tier {
			list.Kinds[n.Kind] += n.N
		}
		if ask.Kind == "" || ask.Kind == n.Kind {
			list.Tiers[tier] += n.N
		}
		if (ask.Kind == "" || ask.Kind == n.Kind) && (list.Tier == "" || list.Tier == tier) {
			list.Found += n.N
		}
	}
	for _, d := range in.Duties {
		list.Duties = append(list.Duties, dutyRow(r, in, d))
	}
	if in.Next != nil {
		list.Next = list.Href(in.Next.String())
	}
	if ask.After != nil {
		list.After, list.First = ask.After.String(), list.Href("")
	} else if err := handledByOthers(r, from, &list); err != nil {
		return list, in, err
	}
	list.Sum = homeSum(in, list)
	list.Had = homeMoment(r, head) + "." + list.Sum
	return list, in, nil
}

// homeSum is a digest of what the list says, but for the time that it says it at.
func homeSum(in store.Inbox, list views.HomeList) string {
	sum := sha256.New()
	_, _ = fmt.Fprint(sum, in.Counts) // a hash takes everything
	for i, d := range list.Duties {
		_, _ = fmt.Fprintf(sum, "%s %d %q %q %q %q %q\n", d.ID, in.Duties[i].Rev, d.Title, d.Why, d.Changed, d.Others, d.Lapse)
	}
	for _, h := range list.Handled {
		_, _ = fmt.Fprintf(sum, "%s %d %s\n", h.Href, h.At.UnixMicro(), h.What)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// handledByOthers is what left the viewer's list lately by another's hand.
func handledByOthers(r *Request, from *store.Store, list *views.HomeList) error {
	handled, err := from.HandledByOthers(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	for _, h := range handled {
		e := h.Entry
		item := views.HomeHandled{Title: e.Capability, Agent: h.AgentName, Href: "/versions/" + h.VersionID, Who: views.HistoryWho(e), Team: e.Actor.Team, What: views.HistoryWhat(e),
			State: views.HandledState(e), At: r.Local(e.At)}
		if h.Open {
			item.Then = "Your team has spoken; an approver of another team is still needed."
		}
		list.Handled = append(list.Handled, item)
	}
	return nil
}

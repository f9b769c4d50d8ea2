package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// CommentsPage is how many comments of a version a page shows at once.
const CommentsPage = 50

// DecideComment runs a rule on the comments of a version, whatever its state.
// answers is the comment that is answered, "" for none.
func (s *Store) DecideComment(ctx context.Context, act models.Act, versionID, answers string, rule func(models.CommentFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		v, err := find[models.Version](tx, "id = ?", versionID)
		if err != nil {
			return models.Change{}, err
		}
		if v == nil {
			return models.Change{}, missing("version")
		}
		return onCapability(tx, env, v.CapabilityID, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			c, err := commentFacts(tx, f, *v, answers)
			if err != nil {
				return models.Change{}, err
			}
			return rule(c)
		})
	})
}

func commentFacts(tx *gorm.DB, f models.CapabilityFacts, v models.Version, answers string) (c models.CommentFacts, err error) {
	c.CapabilityFacts = f
	if c.Asked, err = versionFile(tx, v); err != nil {
		return c, err
	}
	if answers != "" {
		if c.Answered, err = find[models.Comment](tx, "id = ?", answers); err != nil {
			return c, err
		}
		if c.Answered == nil {
			return c, missing("comment")
		}
	}
	err = tx.Model(&models.Comment{}).Distinct("person_id").Where("version_id = ?", v.ID).Order("person_id").Limit(chunk).Pluck("person_id", &c.Spoke).Error
	if err != nil {
		return c, fmt.Errorf("cannot load who commented: %w", err)
	}
	return c, nil
}

// CommentLine is a comment with who said it.
type CommentLine struct {
	models.Comment
	Who models.HistoryPerson
}

// Comments are what a page shows of the comments on a version: the newest, those
// before a given one, and those on the version that it was drafted from.
type Comments struct {
	Lines   []CommentLine          // oldest first
	Asked   map[string]CommentLine // what an answer among Lines answers, where that is older than they are
	Older   string                 // the comment before which the next page ends; "" for none
	Total   int
	On      map[string]int // how many are on each part
	Earlier []CommentLine  // on the version that this one was drafted from, its newest, oldest first
	Before  int            // that version's number, 0 where nothing was said about it
	More    int            // how many more were said about it
}

// Comments are the comments on a version, at most CommentsPage of each version;
// before is "" for the newest. What the viewer may not see is NotFound.
func (s *Store) Comments(ctx context.Context, viewer models.Party, versionID, before string) (c Comments, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		v, err := find[models.Version](tx.Select("id", "no", "capability_id", "based_on"), "id = ?", versionID)
		if err != nil {
			return err
		}
		if v == nil {
			return missing("version")
		}
		if sees, err := maySee(tx, viewer, v.CapabilityID); err != nil {
			return err
		} else if !sees {
			return missing("version")
		}
		return c.load(tx, *v, before)
	})
	return c, err
}

func (c *Comments) load(tx *gorm.DB, v models.Version, before string) (err error) {
	var counts []struct {
		Part string
		N    int
	}
	if err := tx.Raw("SELECT part, COUNT(*) AS n FROM comments WHERE version_id = ? GROUP BY part", v.ID).Scan(&counts).Error; err != nil {
		return fmt.Errorf("cannot count the comments: %w", err)
	}
	c.On = map[string]int{}
	for _, x := range counts {
		c.On[x.Part], c.Total = x.N, c.Total+x.N
	}
	if c.Total > 0 {
		if c.Lines, c.Older, err = newestComments(tx, v.ID, before); err != nil {
			return err
		}
		if err := c.answered(tx); err != nil {
			return err
		}
	}
	if err := c.earlier(tx, v); err != nil {
		return err
	}
	return c.named(tx)
}

// newestComments are the newest before one, oldest first.
func newestComments(tx *gorm.DB, version, before string) (lines []CommentLine, older string, err error) {
	q := tx.Where("version_id = ?", version)
	if before != "" {
		from, err := find[models.Comment](tx, "id = ? AND version_id = ?", before, version)
		if err != nil {
			return nil, "", err
		}
		if from == nil {
			return nil, "", missing("comment")
		}
		q = q.Where("(created_at, id) < (?, ?)", from.CreatedAt, from.ID)
	}
	var rows []models.Comment
	if err := q.Order("created_at DESC, id DESC").Limit(CommentsPage + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("cannot load the comments: %w", err)
	}
	if len(rows) > CommentsPage {
		rows = rows[:CommentsPage]
		older = rows[CommentsPage-1].ID
	}
	slices.Reverse(rows)
	for _, x := range rows {
		lines = append(lines, CommentLine{Comment: x})
	}
	return lines, older, nil
}

// answered loads what is answered and is not on this page itself.
func (c *Comments) answered(tx *gorm.DB) error {
	here, ids := set{}, set{}
	for _, l := range c.Lines {
		here.add(l.ID)
		if l.Answers != nil && !here[*l.Answers] {
			ids.add(*l.Answers)
		}
	}
	rows, err := byID[models.Comment](tx, ids.list())
	c.Asked = map[string]CommentLine{}
	for id, x := range rows {
		c.Asked[id] = CommentLine{Comment: x}
	}
	return err
}

func (c *Comments) earlier(tx *gorm.DB, v models.Version) error {
	if v.BasedOn == nil {
		return nil
	}
	lines, older, err := newestComments(tx, *v.BasedOn, "")
	if err != nil || len(lines) == 0 {
		return err
	}
	c.Earlier = lines
	if err := tx.Raw("SELECT no FROM versions WHERE id = ?", *v.BasedOn).Scan(&c.Before).Error; err != nil {
		return fmt.Errorf("cannot load an earlier version: %w", err)
	}
	if older == "" {
		return nil
	}
	var n int64
	if err := tx.Model(&models.Comment{}).Where("version_id = ?", *v.BasedOn).Count(&n).Error; err != nil {
		return fmt.Errorf("cannot count the comments: %w", err)
	}
	c.More = int(n) - len(lines)
	return nil
}

func (c *Comments) named(tx *gorm.DB) error {
	ids := set{}
	for _, l := range slices.Concat(c.Lines, c.Earlier) {
		ids.add(l.PersonID)
	}
	for _, l := range c.Asked {
		ids.add(l.PersonID)
	}
	names, err := parties(tx, ids.list())
	for i := range c.Lines {
		c.Lines[i].Who = historyPerson(names, c.Lines[i].PersonID)
	}
	for i := range c.Earlier {
		c.Earlier[i].Who = historyPerson(names, c.Earlier[i].PersonID)
	}
	for id, l := range c.Asked {
		l.Who = historyPerson(names, l.PersonID)
		c.Asked[id] = l
	}
	return err
}

// PastSignOff is a sign-off that was given to an earlier version.
type PastSignOff struct {
	models.SignOff
	No int // the version's number
}

// MostPastSignOffs is how many of them a page shows.
const MostPastSignOffs = 20

// pastSignOffs are the sign-offs of the last version before this one that has any.
func (c *CapabilityRead) pastSignOffs(tx *gorm.DB) error {
	v := c.Asked.Version
	err := tx.Raw(`SELECT s.*, v.no FROM sign_offs s JOIN versions v ON v.id = s.version_id WHERE v.id = (
			SELECT w.id FROM versions w WHERE w.capability_id = ? AND w.no < ? AND EXISTS (SELECT 1 FROM sign_offs x WHERE x.version_id = w.id) ORDER BY w.no DESC LIMIT 1)
		ORDER BY s.signed_at DESC, s.id LIMIT ?`, v.CapabilityID, v.No, MostPastSignOffs).Scan(&c.Past).Error
	if err != nil {
		return fmt.Errorf("cannot load earlier sign-offs: %w", err)
	}
	ids := set{}
	for _, s := range c.Past {
		if _, known := c.People[s.SignerID]; !known {
			ids.add(s.SignerID)
		}
	}
	more, err := parties(tx, ids.list())
	for id, p := range more {
		c.People[id] = p
	}
	return err
}

package models

// Comment is what a person said about a part of a version: a question, an answer,
// a remark. It is no part of what is signed and gives nobody a side.
type Comment struct {
	ID           string  `json:"id" gorm:"primaryKey"`
	VersionID    string  `json:"version_id"`
	CapabilityID string  `json:"capability_id"`
	Part         string  `json:"part"` // of CommentParts
	PersonID     string  `json:"person_id"`
	Text         string  `json:"text"`
	Answers      *string `json:"answers"` // the comment that it answers; nil for none. An answer is not answered.
	CreatedAt    Instant `json:"created_at"`
	Record
}

// TableName names the table.
func (Comment) TableName() string { return "comments" }

// Key implements Row.
func (c Comment) Key() string { return c.ID }

// CommentParts are what a comment may be on, in the order of the page.
var CommentParts = []Choice{
	{string(TaskPart), "task boundary"}, {string(ScopePart), "scope"}, {string(OversightPart), "oversight plan"},
	{CommentOnAgent, "agent"}, {CommentOnWhole, "version as a whole"},
}

// What a comment may be on beside the three parts.
const (
	CommentOnAgent = "agent"
	CommentOnWhole = "whole"
)

// CommentOn says whether a comment may be on it.
func CommentOn(part string) bool { return has(CommentParts, part) }

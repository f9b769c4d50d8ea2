package store

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"countersign/models"
)

// refusal turns what the database says into what a person can read: a lock not
// had in time is Busy; a constraint that refused is a Conflict, since the rules
// explain beforehand everything that the tables refuse.
func refusal(err error) error {
	var known *models.Error
	if errors.As(err, &known) {
		return known
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "55P03" || pg.Code == "40001" || pg.Code == "40P01": // lock_not_available, serialization_failure, deadlock_detected
			return busy(err)
		case strings.HasPrefix(pg.Code, "23") || pg.Code == "P0001": // integrity violations, raise_exception
			return broken(err)
		}
		return err
	}
	if errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, gorm.ErrForeignKeyViolated) || errors.Is(err, gorm.ErrCheckConstraintViolated) {
		return broken(err) // gorm's own words for a constraint, in which the driver's are lost
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		switch lite.Code {
		case sqlite3.ErrBusy, sqlite3.ErrLocked:
			return busy(err)
		case sqlite3.ErrConstraint:
			return broken(err)
		}
	}
	return err
}

func broken(err error) error {
	return &refused{models.Refusal(models.Conflict, "database", "The database refused this: it would break a rule of separation or of the record. Nothing was changed."), err}
}

func busy(err error) error {
	return &refused{models.Refusal(models.Busy, "busy", "Many changes are being made just now. Nothing was changed; try again."), err}
}

// refused carries the database's own words to the log beside the ones for people.
type refused struct {
	said  *models.Error
	cause error
}

func (r *refused) Error() string   { return r.said.Message + " (" + r.cause.Error() + ")" }
func (r *refused) Unwrap() []error { return []error{r.said, r.cause} }

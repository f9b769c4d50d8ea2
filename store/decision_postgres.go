package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"countersign/models"
)

// postgresLog writes decisions into the same database as everything else, on a connection
// of its own.
type postgresLog struct {
	db     *sql.DB
	conn   *sql.Conn
	insert string
}

// decisionTypes are the columns' types in PostgreSQL, where they are not text.
var decisionTypes = map[string]string{"id": "bigint", "at": "bigint", "allow": "bigint", "volume": "bigint"}

func newPostgresLog(ctx context.Context, url string) (_ *postgresLog, err error) {
	l := &postgresLog{}
	if l.db, err = openDecisionsPostgres(url); err != nil {
		return nil, err
	}
	if l.conn, err = l.db.Conn(ctx); err != nil {
		return nil, errors.Join(err, l.db.Close())
	}
	var arrays []string
	for i, c := range decisionColumns {
		of := decisionTypes[c]
		if of == "" {
			of = "text"
		}
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+2, of))
	}
	// One statement, and so one transaction that no client can leave open: the lock on the
	// fence's row makes it wait for a stop that is being placed, and a stop wait for it. A batch
	// that the network delivers late, when rows after it are there already, is not let in: they
	// may be sealed.
	l.insert = "WITH f AS MATERIALIZED (SELECT fence FROM decision_fence WHERE id = 1 FOR SHARE) INSERT INTO decisions (" + strings.Join(decisionColumns[:], ", ") + ") SELECT d.* FROM unnest(" +
		strings.Join(arrays, ", ") + ") AS d CROSS JOIN f WHERE f.fence = $1 AND NOT EXISTS (SELECT 1 FROM decisions l WHERE l.id > ($2::bigint[])[1] AND l.id < " +
		fmt.Sprintf("((($2::bigint[])[1] >> %[1]d) + 1) << %[1]d)", models.ReplicaBits)
	return l, nil
}

// write inserts the rows where the fence is still the one that they were decided under.
func (l *postgresLog) write(rows []*models.Decision, fence int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), logPatient)
	defer cancel()
	args := decisionArrays(rows)
	args[0] = fence
	if l.conn == nil {
		var err error
		if l.conn, err = l.db.Conn(ctx); err != nil {
			return fmt.Errorf("%w: %w", errLogFailed, err)
		}
	}
	done, err := l.conn.ExecContext(ctx, l.insert, args...)
	if err != nil {
		_ = l.conn.Close() // it may have broken; the next batch gets one that works
		l.conn = nil
		return fmt.Errorf("%w: %w", errLogFailed, err)
	}
	n, err := done.RowsAffected()
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errLogFailed, err)
	case n == 0:
		return errStale
	case n != int64(len(rows)):
		return fmt.Errorf("%w: %d of %d rows were written", errLogFailed, n, len(rows))
	}
	return nil
}

// decisionArrays are the rows column by column, from the second argument on.
func decisionArrays(rows []*models.Decision) []any {
	var numbers [decisionWidth][]int64
	var texts [decisionWidth][]string
	for k, c := range decisionColumns {
		if decisionTypes[c] != "" {
			numbers[k] = make([]int64, len(rows))
		} else {
			texts[k] = make([]string, len(rows))
		}
	}
	var one [decisionWidth]any
	for i, d := range rows {
		for k, v := range appendDecision(one[:0], d) {
			switch v := v.(type) {
			case int64:
				numbers[k][i] = v
			case string:
				texts[k][i] = v
			}
		}
	}
	args := make([]any, 1+decisionWidth)
	for k := range decisionColumns {
		if args[1+k] = texts[k]; numbers[k] != nil {
			args[1+k] = numbers[k]
		}
	}
	return args
}

func (l *postgresLog) close() error { return l.db.Close() }

// openDecisionsPostgres opens the log's own connections: one writes, one may take its
// place where it broke.
func openDecisionsPostgres(url string) (*sql.DB, error) {
	g, err := connectPostgres(url, 2, map[string]string{"default_transaction_isolation": "read committed",
		"statement_timeout": fmt.Sprint(logPatient.Milliseconds())}) // also where nobody waits for it any more
	if err != nil {
		return nil, err
	}
	return g.DB()
}

package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// directSQLite is one connection to SQLite for one caller at a time, without database/sql's
// pool in front: the log of decisions is written thousands of times a second.
type directSQLite struct {
	conn       driver.Conn
	statements []driver.Stmt
}

func openDirectSQLite(uri string) (*directSQLite, error) {
	conn, err := (&sqlite3.SQLiteDriver{}).Open(uri)
	if err != nil {
		return nil, err
	}
	return &directSQLite{conn: conn}, nil
}

// directStatement is a statement with room for its arguments, which are used again.
type directStatement struct {
	stmt driver.StmtQueryContext
	args []driver.NamedValue
}

func (d *directSQLite) prepare(text string) (*directStatement, error) {
	stmt, err := d.conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	query, ok := stmt.(driver.StmtQueryContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver prepared a %T", stmt), stmt.Close())
	}
	d.statements = append(d.statements, stmt)
	s := &directStatement{stmt: query, args: make([]driver.NamedValue, stmt.NumInput())}
	for i := range s.args {
		s.args[i].Ordinal = i + 1
	}
	return s, nil
}

// run takes the statement's first step, which for what answers no rows is all of it, and
// reads that row into dest where there is one to be read. The driver binds a query's
// arguments, and takes its first step, in one call out of Go; its Exec makes one call for
// each argument. There is no context: for one that can end, the driver starts a goroutine.
func (s *directStatement) run(dest ...driver.Value) (err error) {
	rows, err := s.stmt.QueryContext(context.Background(), s.args)
	if err != nil {
		return err
	}
	if len(dest) > 0 {
		err = rows.Next(dest)
	}
	return errors.Join(err, rows.Close())
}

// number is the one number that the statement answers.
func (s *directStatement) number() (int64, error) {
	var dest [1]driver.Value
	if err := s.run(dest[:]...); err != nil {
		return 0, err
	}
	n, ok := dest[0].(int64)
	if !ok {
		return 0, fmt.Errorf("%T is not a number", dest[0])
	}
	return n, nil
}

// close ends the statements and the connection; nil has none.
func (d *directSQLite) close() error {
	if d == nil {
		return nil
	}
	var errs []error
	for _, s := range d.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, d.conn.Close())...)
}

package store

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// diskFull names the variable that makes this test's binary a process of its own with a
// small disk, or with files that may not grow: "disk FOLDER" or "files FOLDER".
const diskFull = "COUNTERSIGN_TEST_DISK_FULL"

// TestTheDiskIsFull: on a disk that is full nobody is told yes whose row it cannot take;
// with room again it goes on by itself, and no file is corrupt. Once on a real file system
// of sixteen megabytes (in a mount namespace, which needs no root where the system lets
// users have one), and once with files that may not grow, which every Linux has.
func TestTheDiskIsFull(t *testing.T) {
	if job := os.Getenv(diskFull); job != "" {
		kind, dir, _ := strings.Cut(job, " ")
		if kind == "disk" {
			smallDisk(t, dir)
		} else {
			filesThatMayNotGrow(t, dir)
		}
		return
	}
	t.Run("a small disk", func(t *testing.T) {
		flags := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if os.Getuid() != 0 {
			flags.Cloneflags |= syscall.CLONE_NEWUSER
			flags.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			flags.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		out, err := diskFullProcess(t, "disk", flags)
		if errors.Is(err, os.ErrPermission) || strings.Contains(out, cannotMount) {
			const how = "A disk that is really full is not tested: this system lets the test have no file system of its own (unprivileged user namespaces are off)."
			if os.Getenv("CI") == "true" {
				t.Fatal(how)
			}
			t.Skip(how)
		}
		require.NoError(t, err, out)
		t.Log(out)
	})
	t.Run("files that may not grow", func(t *testing.T) {
		out, err := diskFullProcess(t, "files", nil)
		require.NoError(t, err, out)
		t.Log(out)
	})
}

const cannotMount = "cannot mount"

func diskFullProcess(t *testing.T, kind string, flags *syscall.SysProcAttr) (string, error) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestTheDiskIsFull$", "-test.v")
	cmd.Env = append(os.Environ(), diskFull+"="+kind+" "+t.TempDir())
	cmd.SysProcAttr = flags
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func smallDisk(t *testing.T, dir string) {
	// Nothing that is mounted here is to be seen outside.
	if err := errors.Join(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""), syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m")); err != nil {
		t.Fatal(cannotMount, err)
	}
	ballast := filepath.Join(dir, "ballast")
	full(t, dir, func() {
		f, err := os.Create(ballast)
		require.NoError(t, err)
		for _, size := range []int{1 << 20, 4 << 10, 1} { // to the last byte
			for err = nil; err == nil; {
				_, err = io.WriteString(f, strings.Repeat("x", size))
			}
			require.ErrorIs(t, err, syscall.ENOSPC)
		}
		require.NoError(t, f.Close())
	}, func() { require.NoError(t, os.Remove(ballast)) })
}

func filesThatMayNotGrow(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ) // what is written beyond fails then, and does not kill
	var was syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was))
	full(t, dir, func() {
		log, err := os.Stat(filepath.Join(dir, "countersign-decisions.db-wal"))
		require.NoError(t, err)
		limit := syscall.Rlimit{Cur: uint64(log.Size()) + 10_000, Max: was.Max}
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	}, func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was)) })
}

// full asks while the disk is filled, is full, and has room again.
func full(t *testing.T, dir string, fill, free func()) {
	h := newHouse(t, filepath.Join(dir, "countersign.db"))
	capability, _ := h.live("read")
	plenty(h, capability)
	key, d := h.openKey(nil), h.decisions()
	c := h.askers(d, key, h.wants(capability))
	for range 3 {
		c.until(50, c.allowed, nil)
		c.until(64, c.refused, fill)
		c.until(50, c.allowed, free)
	}
	c.settle(t)
	for _, file := range []string{h.path, decisionsFile(h.path)} {
		db, err := openDecisionsFile(file)
		require.NoError(t, err)
		var says string
		require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA integrity_check(5)").Scan(&says))
		require.Equal(t, "ok", says, file)
		require.NoError(t, db.Close())
	}
}

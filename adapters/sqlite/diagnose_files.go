package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"example.com/postern/domain/diagnosis"
)

// checkPrivileges checks who may do what with the files of the database. It opens none of them.
func (d *diagnosed) checkPrivileges(context.Context) diagnosis.Finding {
	var open []string
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		name := filepath.Base(d.path) + suffix
		info, err := os.Lstat(d.path + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist) && suffix == "":
			return diagnosis.Skipped("there is no database file")
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return diagnosis.Problem("the file "+name+" cannot be examined: "+safe(err).Error(), "check the data folder and its owner")
		}
		if !info.Mode().IsRegular() {
			return diagnosis.Problem("the file "+name+" is not a regular file", "put the file itself in its place")
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
			return diagnosis.Problem(fmt.Sprintf("the file %s belongs to user %d, and this command runs as user %d",
				name, stat.Uid, os.Geteuid()),
				"run this command as the service's user; if it is that user, give it the file with chown")
		}
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s has mode %04o", name, info.Mode().Perm()))
		}
	}
	if err := syscall.Access(d.path, writable); err != nil {
		return diagnosis.Problem("the database file cannot be written to: "+err.Error(), "check its mode and the file system")
	}
	if len(open) > 0 {
		return diagnosis.Warning("others than the owner have access: "+strings.Join(open, ", "),
			"run chmod 600 on it, or restart the service, which does so")
	}
	return diagnosis.OK("the files belong to this user, and nobody else has access")
}

const (
	executable = 1 // X_OK
	writable   = 2 // W_OK
)

// checkTemporaryFolder checks the folder to which SQLite writes temporary files: see [setTempFolder].
func (d *diagnosed) checkTemporaryFolder(context.Context) diagnosis.Finding {
	if err := syscall.Access(d.folder(), writable|executable); err != nil {
		return diagnosis.Problem("temporary files cannot be created in the data folder: "+err.Error(),
			"let the service's user write to the data folder, and check the file system")
	}
	return diagnosis.OK("temporary files can be created in the data folder")
}

func (d *diagnosed) checkDiskSpace(context.Context) diagnosis.Finding {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(d.folder(), &disk); err != nil {
		return diagnosis.Skipped("the file system does not tell: " + err.Error())
	}
	var size int64
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Lstat(d.path + suffix); err == nil {
			size += info.Size()
		}
	}
	if disk.Files > 0 && disk.Ffree == 0 {
		return diagnosis.Problem("the file system of the data folder can hold no more files", "remove files that are not needed")
	}
	return spaceFinding(int64(disk.Bavail)*int64(disk.Bsize), size)
}

// minFreeSpace is the smallest free space on which the service should run: the write-ahead log and temporary files grow.
const minFreeSpace = 64 << 20

func spaceFinding(free, size int64) diagnosis.Finding {
	message := fmt.Sprintf("%d MiB are free beside a store of %d MiB", free>>20, (size+1<<20-1)>>20)
	switch {
	case free < minFreeSpace:
		return diagnosis.Problem(message+": writes will soon fail", "free space in the file system of the data folder, or enlarge it")
	case free < size+minFreeSpace:
		return diagnosis.Warning(message+": a copy of the store does not fit",
			"enlarge the file system of the data folder: a restore needs room for a copy")
	}
	return diagnosis.OK(message)
}

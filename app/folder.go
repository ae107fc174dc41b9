package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// owner is the user who owns the files in a folder.
type owner struct {
	uid, gid int
	groups   []int
}

// enterFolder prepares the process to work on the files of a folder, and returns the path of the folder to use from then on.
//
// If root works on a folder of another user, the process becomes that user and makes the folder its root directory. Files that
// it creates belong to that user, and no link or rename in the folder can make it touch files that the user may not touch.
// This cannot be undone: files outside the folder must be opened before.
//
// A folder of root counts as another user's if the file in it, its lock file or the key file belongs to that user. If file is
// ".", only the owner of the folder counts.
func enterFolder(folder, file string) (string, error) {
	foreign, dir, err := foreignOwner(folder, file)
	if err != nil || foreign == nil {
		return folder, err
	}
	defer func() { _ = dir.Close() }()
	if err := foreign.become(dir); err != nil {
		return "", fmt.Errorf("it belongs to user %d, and root cannot act as that user here (%s): run the command as that user",
			foreign.uid, cause(err))
	}
	return "/", nil
}

// refuseForeign returns an error if root works on a folder of another user.
func refuseForeign(folder, file string) error {
	foreign, dir, err := foreignOwner(folder, file)
	if err != nil || foreign == nil {
		return err
	}
	_ = dir.Close()
	return fmt.Errorf("it belongs to user %d, and root would leave files there that this user cannot use", foreign.uid)
}

// foreignOwner returns the owner and the open folder if root works on a folder of another user. Otherwise, and for a folder that
// does not exist, it returns nil.
func foreignOwner(folder, file string) (_ *owner, dir *os.File, err error) {
	if os.Geteuid() != 0 {
		return nil, nil, nil
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, nil, nil // the command reports it
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = root.Close() }()
	if dir, err = root.Open("."); err != nil {
		return nil, nil, err
	}
	found, err := ownerOf(root, file)
	if err == nil {
		err = checkLink(folder, found.uid)
	}
	if err != nil || found.uid == 0 {
		return nil, nil, errors.Join(err, dir.Close())
	}
	return &found, dir, nil
}

// ownerOf returns the owner of the folder. If that is root, it looks at the file, its lock file and the key file, in this
// order, and returns the first owner other than root. If there is none, it returns root. It refuses a folder of root that a
// group may write to and that contains no store, because nothing shows which user runs the service.
func ownerOf(root *os.Root, file string) (owner, error) {
	looked := []string{"."}
	if file != "." {
		looked = append(looked, file, file+".lock", keysName)
	}
	var groups []int
	isShared, hasStore := false, file == "."
	for _, name := range looked {
		info, err := root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return owner{}, err
		}
		uid, gid := ids(info)
		if name == "." {
			isShared = gid != 0 && info.Mode()&0o020 != 0
		} else if name != keysName {
			hasStore = true
		}
		if gid == 0 {
			gid = noGroup
		}
		groups = append(groups, gid)
		if uid != 0 {
			return owner{uid, gid, groups}, nil
		}
	}
	if isShared && !hasStore {
		return owner{}, errSharedFolder
	}
	return owner{}, nil
}

var errSharedFolder = errors.New("it belongs to root, a group may write to it, and it contains no file of the service. Root would leave " +
	"files there that the service cannot use: run the command as the service's user")

// noGroup replaces the group of root, which the owner may not belong to.
const noGroup = 65534

func ids(info fs.FileInfo) (uid, gid int) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return int(stat.Uid), int(stat.Gid)
}

// checkLink refuses a symbolic link to the folder unless root or the owner of the folder made it.
func checkLink(folder string, uid int) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if maker, _ := ids(info); info.Mode()&fs.ModeSymlink != 0 && maker != 0 && maker != uid {
		return fmt.Errorf("it is a link that user %d made to a folder of another user", maker)
	}
	return nil
}

// become makes dir the root directory of the process, and o its user.
func (o *owner) become(dir *os.File) error {
	if err := dir.Chdir(); err != nil {
		return err
	}
	if err := syscall.Chroot("."); err != nil {
		return err
	}
	if err := syscall.Setgroups(o.groups); err != nil {
		return err
	}
	if err := syscall.Setgid(o.gid); err != nil {
		return err
	}
	return syscall.Setuid(o.uid)
}

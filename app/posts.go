package main

import (
	"context"

	"example.com/postern/domain"
)

// postConfig configures a command that acts on one post.
type postConfig struct {
	accountsConfig `embed:""`
	ID             domain.PostID `arg:"" name:"id" type:"number" min:"1" max:"9007199254740991" help:"The post's id, the number at the end of its path."`
}

type postsHideCommand struct {
	postConfig `embed:""`
}

// Help implements [kong.HelpProvider].
func (*postsHideCommand) Help() string {
	return `Only its owner can still read a hidden post, with "hidden": true, and can edit and delete it, but not show it again.
For everybody else it is not found at once. It is in no list and no search, and nobody can vote for it.`
}

// Run hides a post.
func (c *postsHideCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		return "The post is hidden.\n", operator.HidePost(ctx, c.ID)
	})
}

type postsShowCommand struct {
	postConfig `embed:""`
}

// Help implements [kong.HelpProvider].
func (*postsShowCommand) Help() string {
	return "The post is again as its owner wants it: published, or a draft. It has the votes that it had."
}

// Run shows a hidden post again.
func (c *postsShowCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		return "The post is not hidden.\n", operator.ShowPost(ctx, c.ID)
	})
}

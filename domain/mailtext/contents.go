package mailtext

import (
	"maps"
	"slices"
)

// content is the text of a mail. HOST, MINUTES and TIME are replaced.
type content struct {
	subject       string
	before, after []string // paragraphs before and after the link
}

// Names returns the names of all mails, sorted.
func Names() []string { return slices.Sorted(maps.Keys(contents)) }

const (
	life   = "The link is valid for MINUTES minutes and works once."
	ignore = "If you did not ask for this, ignore this mail: nothing changes."
)

var contents = map[string]content{
	"reset": {
		subject: "Set a new password",
		before:  []string{"Somebody asked to set a new password for your account at HOST. To set it, open this page:"},
		after:   []string{life + " A new password ends all sessions of the account.", ignore},
	},
	"confirm": {
		subject: "Confirm your e-mail address",
		before:  []string{"An account at HOST has this e-mail address. To confirm that it is yours, open this page:"},
		after:   []string{life, "If you have no such account, ignore this mail: the address stays unconfirmed."},
	},
	"signup": {
		subject: "Finish your sign-up",
		before:  []string{"Somebody signed up at HOST with this e-mail address. To create the account, open this page:"},
		after: []string{
			life + " The account has the password that was chosen at the latest sign-up with this address.",
			"If you signed up once and got several of these mails, somebody else may have chosen that password. Ask for a new one " +
				"as soon as the account exists.",
			"If it was not you, ignore this mail: no account is created.",
		},
	},
	"signup_taken": {
		subject: "You have an account already",
		before: []string{
			"Somebody signed up at HOST with this e-mail address, which has an account. Nothing was changed.",
			"If it was you, log in, or ask for a new password if you forgot it.", "If it was not you, you need not do anything.",
		},
	},
	"change": {
		subject: "Confirm your new e-mail address",
		before:  []string{"Somebody asked to use this e-mail address for an account at HOST. To confirm that it is yours, open this page:"},
		after:   []string{life + " All sessions of the account then end, except the one that asked.", ignore},
	},
	"change_taken": {
		subject: "This e-mail address has an account already",
		before: []string{
			"Somebody asked to use this e-mail address for another account at HOST, but it has an account. Nothing was changed.",
			"If it was not you, you need not do anything.",
		},
	},
	"password_changed": {
		subject: "Your password was changed",
		before: []string{
			"The password of your account at HOST was changed on TIME. All other sessions of the account have ended.",
			"If it was not you, ask for a new password at once, and make sure that nobody else can read your mail.",
		},
	},
	"change_requested": {
		subject: "A change of your e-mail address was requested",
		before: []string{
			"Somebody who knows the password of your account at HOST asked on TIME to change its e-mail address. It changes once " +
				"the new address is confirmed.",
			"If it was not you, change your password at once. That also cancels the request.",
		},
	},
	"email_changed": {
		subject: "Your e-mail address was changed",
		before: []string{
			"The e-mail address of your account at HOST was changed on TIME. This mail is the last one to this address about the account.",
			"If it was not you, tell those who run HOST at once.",
		},
	},
	"account_deleted": {
		subject: "Your account was deleted",
		before: []string{
			"Your account at HOST was deleted on TIME, with everything in it.",
			"If it was not you, tell those who run HOST at once.",
		},
	},
}

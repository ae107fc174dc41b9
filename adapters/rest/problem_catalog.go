package rest

import "net/http"

// problemInfo documents a problem code. The type of a problem is the URL of a page with this documentation.
type problemInfo struct {
	Code   string `json:"code"`
	Status int    `json:"status"`
	Cause  string `json:"cause"`
	Action string `json:"action"`
	Retry  string `json:"retry"` // states whether the same request can succeed later
}

const (
	noRetry    = "No. The same request fails again."
	retryLater = "Yes. Wait for the number of seconds in Retry-After, then send the same request again."
)

// problemCatalog documents every code that a problem can have.
var problemCatalog = []problemInfo{
	{"malformed_request", http.StatusBadRequest, "The request line, the query or a header field cannot be parsed, for example because of a broken percent-encoding.",
		"Build URLs with a library that encodes them.", noRetry},
	{"malformed_body", http.StatusBadRequest, "The body is empty, cannot be parsed as JSON or as a form, repeats a member, is not UTF-8, or is nested too deeply.",
		"Encode the body with a JSON or form library.", noRetry},
	{"not_authenticated", http.StatusUnauthorized, "The operation needs an access token, and the request has none.",
		"Log in with POST /login and send the access token as a bearer token in the Authorization header.", noRetry},
	{"invalid_token", http.StatusUnauthorized, "The access token has expired, its session has ended, or it is not a token of this service. All invalid tokens get the same answer.",
		"Exchange the refresh token for new tokens with POST /token. If that fails, log in again.", "Yes, with a new access token."},
	{"invalid_credentials", http.StatusForbidden, "The e-mail address has no account, or the password is wrong. Both get the same answer.",
		"Ask the user for the address and the password again. Repeated failures are limited.", noRetry},
	{"account_suspended", http.StatusForbidden, "The password is right, but the operator of this service has suspended the account.",
		"Tell the user to ask the operator of the service.", "No, unless the operator restores the account."},
	{"invalid_refresh_token", http.StatusBadRequest, "The refresh token has expired, was used before, or its session has ended. For 30 seconds, a repeated refresh still succeeds.",
		"Log in again. A late second use ends the session, because the token may be stolen.", noRetry},
	{"invalid_email_token", http.StatusForbidden, "The token from a mail was used before, a newer mail replaced it, it has expired, or it is not a token of this service. All of these get the same answer.",
		"Ask for a new mail, and use the link in the newest one within 30 minutes.", noRetry},
	{"reauthentication_required", http.StatusForbidden, "The operation cannot be undone. The password was not given within the last 10 minutes.",
		"Ask for the password, log in again, and send the request with the new access token.", "Yes, from a new session."},
	{"not_post_owner", http.StatusForbidden, "The post belongs to another user.", "Change only your own posts.", noRetry},
	{"not_found", http.StatusNotFound, "The service has no such path.", "Compare the path with the description of the API at /docs.", noRetry},
	{"user_not_found", http.StatusNotFound, "There is no user with this identifier, or the account was deleted.", "Read the identifier again from a post or an account.", noRetry},
	{"post_not_found", http.StatusNotFound, "There is no post with this identifier, it was deleted, or it is a draft of another user, or hidden by the operator. Nobody can vote for a hidden post.", "Read the list of posts again.", noRetry},
	{"session_not_found", http.StatusNotFound, "You have no session with this identifier, or it has ended already.", "Read the list of your sessions again.", noRetry},
	{"method_not_allowed", http.StatusMethodNotAllowed, "The path does not support the method.", "Use one of the methods in the Allow header.", noRetry},
	{"request_timeout", http.StatusRequestTimeout, "The body arrived too slowly. Nothing was changed.", "Send the request again over a better connection.", "Yes. The request had no effect."},
	{"email_taken", http.StatusConflict, "The e-mail address has an account already.", "Log in, or sign up with another address.", noRetry},
	{"idempotency_in_progress", http.StatusConflict, "The first request with this Idempotency-Key has not finished yet.", "Wait and send the same request again. It then gets the answer of the first one.", retryLater},
	{"precondition_failed", http.StatusPreconditionFailed, "The condition in If-Match, in If-None-Match or in the etag of the body is false. Usually somebody changed the post after you read it.",
		"Read the post again, apply your change to the new version, and send that with the new ETag.", noRetry},
	{"content_too_large", http.StatusRequestEntityTooLarge, "The body exceeds the limit of the operation.", "Send a smaller body.", noRetry},
	{"unsupported_media_type", http.StatusUnsupportedMediaType, "The operation does not accept the media type, the charset or the content encoding of the body.",
		"Send a media type that the description of the operation names, in UTF-8 and without a content encoding.", noRetry},
	{"validation", http.StatusUnprocessableEntity, "One or more fields do not fit the description of the API. The list in \"errors\" names all of them.",
		"Correct every field in that list.", noRetry},
	{"idempotency_key_reused", http.StatusUnprocessableEntity, "An earlier request had the same Idempotency-Key and another body.", "Use a new random key for each post.", noRetry},
	{"quota_exceeded", http.StatusTooManyRequests, "Too many logins failed, too many accounts were created from one address, too many mails were asked for, or the account wrote too much. The RateLimit-Policy header, if there is one, names the quota.",
		"Wait, and slow down.", retryLater},
	{"export_running", http.StatusTooManyRequests, "An export of your account is running. A user can have one at a time.",
		"Read that export to its end, or close its connection. Then send the request again.", retryLater},
	{"internal", http.StatusInternalServerError, "The server has a fault.", "Report the request_id to the operator, who finds the details in the log.", "Perhaps. Check first whether a write took effect."},
	{"busy", http.StatusServiceUnavailable, "The server is busy. Requests, searches, exports and logins each have a limit. Nothing was changed.", "Wait, and send fewer requests at once.", retryLater},
	{"store_unavailable", http.StatusServiceUnavailable, "The data store does not answer. Nothing was changed.", "Wait. If it lasts, tell the operator.", retryLater},
	{"mail_backlog", http.StatusServiceUnavailable, "Too many mails are waiting to be sent. Nothing was changed.", "Wait. If it lasts, tell the operator: the mail server may be down.", retryLater},
	{"search_too_slow", http.StatusServiceUnavailable, "The search matches too much and takes too long.", "Search for more words, or for longer ones.", "Perhaps, when the server has less work."},
	{"outcome_unknown", http.StatusServiceUnavailable, "The connection to the data store was lost during the write. It may have taken effect.",
		"Read the resource to find out. A post with an Idempotency-Key can be sent again safely.", "Yes, if the request is idempotent or has an Idempotency-Key."},
	{"draining", http.StatusServiceUnavailable, "The instance is shutting down.", "Send requests to another instance.", retryLater},
}

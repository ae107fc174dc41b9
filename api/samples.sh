# The curl sample of each operation: a function with the operation's name. make generate adds them to openapi.json, and
# test/docs runs them. TOKEN and REFRESH_TOKEN come from a login, ETAG from the post that was read, SESSION from the list, and
# MAIL_TOKEN from the link in a mail.

CreateUser() {
  curl http://127.0.0.1:8080/users -H 'Content-Type: application/json' \
    -d '{"email":"ada@example.com","password":"correct horse battery staple"}'
}

GetCurrentUser() {
  curl http://127.0.0.1:8080/users/me -H "Authorization: Bearer $TOKEN"
}

UpdateCurrentUser() {
  curl -X PATCH http://127.0.0.1:8080/users/me -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' -d '{"name":"Ada"}'
}

DeleteCurrentUser() {
  curl -X DELETE http://127.0.0.1:8080/users/me -H "Authorization: Bearer $TOKEN"
}

ExportAccount() {
  curl -f http://127.0.0.1:8080/users/me/export -H "Authorization: Bearer $TOKEN" -o export.ndjson
  tail -n 1 export.ndjson # {"type":"end","lines":...} if the export is complete
}

ListOwnPosts() {
  curl -i 'http://127.0.0.1:8080/users/me/posts?published=false' -H "Authorization: Bearer $TOKEN"
}

ChangePassword() {
  curl -X PUT http://127.0.0.1:8080/users/me/password -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' \
    -d '{"current_password":"correct horse battery staple","new_password":"seventeen purple gallons of paint"}'
}

ChangeEmail() {
  curl -X PUT http://127.0.0.1:8080/users/me/email -H "Authorization: Bearer $TOKEN" \
    -H 'Content-Type: application/json' \
    -d '{"current_password":"correct horse battery staple","email":"ada.lovelace@example.com"}'
}

RequestEmailVerification() {
  curl -X POST http://127.0.0.1:8080/users/me/email-verification -H "Authorization: Bearer $TOKEN"
}

CompleteEmailVerification() {
  curl http://127.0.0.1:8080/email-verifications/complete -H 'Content-Type: application/json' \
    -d "{\"token\":\"$MAIL_TOKEN\"}"
}

RequestPasswordReset() {
  curl http://127.0.0.1:8080/password-resets -H 'Content-Type: application/json' \
    -d '{"email":"ada@example.com"}'
}

CompletePasswordReset() {
  curl http://127.0.0.1:8080/password-resets/complete -H 'Content-Type: application/json' \
    -d "{\"token\":\"$MAIL_TOKEN\",\"new_password\":\"correct horse battery staple\"}"
}

GetUser() {
  curl http://127.0.0.1:8080/users/1
}

Login() {
  curl http://127.0.0.1:8080/login -d username=ada@example.com \
    --data-urlencode 'password=correct horse battery staple'
}

CreateToken() {
  curl http://127.0.0.1:8080/token -d grant_type=refresh_token -d "refresh_token=$REFRESH_TOKEN"
}

Logout() {
  curl -X POST http://127.0.0.1:8080/logout -H "Authorization: Bearer $TOKEN"
}

ListSessions() {
  curl http://127.0.0.1:8080/sessions -H "Authorization: Bearer $TOKEN"
}

EndOtherSessions() {
  curl -X DELETE http://127.0.0.1:8080/sessions -H "Authorization: Bearer $TOKEN"
}

EndSession() {
  curl -X DELETE "http://127.0.0.1:8080/sessions/$SESSION" -H "Authorization: Bearer $TOKEN"
}

GetKeys() {
  curl http://127.0.0.1:8080/.well-known/jwks.json
}

ListPosts() {
  curl -i 'http://127.0.0.1:8080/posts?search=hello&limit=10' # the header Link leads to the next page
}

CreatePost() {
  curl http://127.0.0.1:8080/posts -H "Authorization: Bearer $TOKEN" \
    -H "Idempotency-Key: $(date +%s)-$$" -H 'Content-Type: application/json' \
    -d '{"title":"Hello","content":"The first post of many."}'
}

GetPost() {
  curl -i http://127.0.0.1:8080/posts/1
}

UpdatePost() {
  curl -X PUT http://127.0.0.1:8080/posts/1 -H "Authorization: Bearer $TOKEN" \
    -H "If-Match: $ETAG" -H 'Content-Type: application/json' \
    -d '{"title":"Hello","content":"A better text."}'
}

PatchPost() {
  curl -X PATCH http://127.0.0.1:8080/posts/1 -H "Authorization: Bearer $TOKEN" \
    -H "If-Match: $ETAG" -H 'Content-Type: application/json' -d '{"title":"Hello, world"}'
}

DeletePost() {
  curl -X DELETE http://127.0.0.1:8080/posts/1 -H "Authorization: Bearer $TOKEN" -H "If-Match: $ETAG"
}

VoteForPost() {
  curl -X PUT http://127.0.0.1:8080/posts/1/vote -H "Authorization: Bearer $TOKEN"
}

WithdrawVote() {
  curl -X DELETE http://127.0.0.1:8080/posts/1/vote -H "Authorization: Bearer $TOKEN"
}

GetHealth() {
  curl http://127.0.0.1:8080/healthz
}

GetReadiness() {
  curl http://127.0.0.1:8080/readyz
}

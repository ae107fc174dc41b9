// The TypeScript samples of the operations: a function with each operation's name. make generate adds their bodies to
// openapi.json, and samples.test.ts runs them.
import { Postern, type Tokens } from "@postern/client";

export async function createUser() {
  const client = new Postern({ baseUrl: "http://127.0.0.1:8080" });
  const account = await client.signUp({ email: "ada@example.com", password: "correct horse battery staple" });
  console.log(account.id, account.email);
}

export async function login() {
  const client = new Postern({ baseUrl: "http://127.0.0.1:8080" });
  await client.login({ email: "ada@example.com", password: "correct horse battery staple" });
  console.log(await client.isLoggedIn()); // the client renews its tokens by itself
}

export async function createToken() {
  let kept: Tokens | undefined; // for example in sessionStorage
  const tokens = { load: () => kept, save: (now?: Tokens) => { kept = now; } };
  const client = new Postern({ baseUrl: "http://127.0.0.1:8080", tokens });
  console.log(await client.isLoggedIn()); // the client calls POST /token by itself
}

export async function logout(client: Postern) {
  await client.logout();
}

export async function getCurrentUser(client: Postern) {
  const account = await client.account.get();
  console.log(account.id, account.email);
}

export async function exportAccount(client: Postern) {
  for await (const line of client.account.export()) {
    if (line.type === "account") console.log(line.account.email);
    if (line.type === "post") console.log(line.post.id, line.post.title);
  } // it throws if the export is incomplete
}

export async function updateCurrentUser(client: Postern) {
  const account = await client.account.patch({ name: "Ada" });
  console.log(account.name);
}

export async function deleteCurrentUser(client: Postern) {
  await client.account.delete();
}

export async function changePassword(client: Postern) {
  await client.account.changePassword("correct horse battery staple", "seventeen purple gallons of paint");
}

export async function changeEmail(client: Postern) {
  await client.account.changeEmail("correct horse battery staple", "ada.lovelace@example.com");
}

export async function requestEmailVerification(client: Postern) {
  await client.account.requestConfirmation();
}

export async function completeEmailVerification(client: Postern, token: string) {
  await client.confirmEmail(token);
}

export async function requestPasswordReset(client: Postern) {
  await client.requestPasswordReset("ada@example.com");
}

export async function completePasswordReset(client: Postern, token: string) {
  await client.resetPassword(token, "correct horse battery staple");
}

export async function getUser(client: Postern) {
  const user = await client.users.get(1);
  console.log(user.id, user.name);
}

export async function listSessions(client: Postern) {
  for (const session of await client.sessions.list()) console.log(session.id, session.user_agent, session.current);
}

export async function endOtherSessions(client: Postern) {
  await client.sessions.endOthers();
}

export async function endSession(client: Postern) {
  for (const session of await client.sessions.list()) {
    if (!session.current) await client.sessions.end(session.id);
  }
}

export async function getKeys(client: Postern) {
  const { data } = await client.api.GET("/.well-known/jwks.json");
  console.log(data?.keys.length);
}

export async function listPosts(client: Postern) {
  for await (const post of client.posts.list({ search: "hello" })) { // reads pages as they are needed
    console.log(post.id, post.title, post.votes);
  }
}

export async function listOwnPosts(client: Postern) {
  for await (const post of client.posts.listOwn()) { // reads pages as they are needed
    console.log(post.id, post.title, post.published);
  }
}

export async function createPost(client: Postern) {
  const post = await client.posts.create({ title: "Hello", content: "The first post of many." });
  console.log(post.id, post.etag);
}

export async function getPost(client: Postern) {
  const post = await client.posts.get(1); // with a login, your drafts too
  console.log(post.title, post.content);
}

export async function updatePost(client: Postern) {
  const post = await client.posts.get(1);
  const next = { title: "Hello", content: "A better text." };
  const replaced = await client.posts.replace(post.id, next, { ifMatch: post.etag });
  console.log(replaced.version);
}

export async function patchPost(client: Postern) {
  const post = await client.posts.get(1);
  const patched = await client.posts.patch(post.id, { title: "Hello, world" }, { ifMatch: post.etag });
  console.log(patched.title);
}

export async function deletePost(client: Postern) {
  const post = await client.posts.get(1);
  await client.posts.delete(post.id, { ifMatch: post.etag });
}

export async function voteForPost(client: Postern) {
  await client.posts.vote(1);
}

export async function withdrawVote(client: Postern) {
  await client.posts.withdrawVote(1);
}

export async function getHealth(client: Postern) {
  const { data } = await client.api.GET("/healthz");
  console.log(data?.status);
}

export async function getReadiness(client: Postern) {
  const { data } = await client.api.GET("/readyz");
  console.log(data?.status);
}

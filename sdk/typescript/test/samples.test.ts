import assert from "node:assert/strict";
import test from "node:test";
import { Postern } from "@postern/client";
import * as samples from "./samples.js";
import { mailToken } from "./support/mailbox.js";
import { startServer } from "./support/server.js";

test("the samples of the operations run, one after the other", async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const { fetch } = globalThis;
  t.mock.method(globalThis, "fetch", (input: string, init: RequestInit) =>
    fetch(input.replace(/^http:\/\/127.0.0.1:8080(?=\/)/, server.baseUrl), init));
  t.mock.method(console, "log", () => undefined);
  const client = new Postern({ baseUrl: server.baseUrl });
  const login = (password: string) => client.login({ email: "ada@example.com", password });

  const { createUser, completeEmailVerification, completePasswordReset, deletePost, changePassword, logout, deleteCurrentUser, ...others } = samples;
  const used = new Set<string>();
  await createUser();
  await completeEmailVerification(client, await mailToken(server, "ada@example.com", used));
  await samples.requestPasswordReset(client);
  await completePasswordReset(client, await mailToken(server, "ada@example.com", used));
  await login("correct horse battery staple");
  await samples.createPost(client);
  for (const sample of Object.values(others)) await sample(client);
  await deletePost(client);
  await changePassword(client);
  await logout(client);
  await login("seventeen purple gallons of paint");
  await deleteCurrentUser(client);
  assert.equal(await client.isLoggedIn(), false);
});

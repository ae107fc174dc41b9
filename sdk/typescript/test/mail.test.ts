import assert from "node:assert/strict";
import test from "node:test";
import { MailSent, Postern } from "@postern/client";
import { mailToken } from "./support/mailbox.js";
import { startServer } from "./support/server.js";

test("a sign-up that only sends a mail rejects with MailSent, whether the address is taken or not", async (t) => {
  const server = await startServer({ POSTERN_SIGNUP: "verified" });
  t.after(() => server.stop());
  const client = new Postern({ baseUrl: server.baseUrl });
  const registration = { email: "ada@example.com", password: "correct horse battery staple" };
  const used = new Set<string>();

  await assert.rejects(client.signUp(registration), MailSent);
  await client.confirmEmail(await mailToken(server, registration.email, used));
  await assert.rejects(client.signUp(registration), MailSent);
  await client.login(registration);
  assert.notEqual((await client.account.get()).email_verified_at, null);

  await assert.rejects(client.account.changeEmail("a wrong one", "grace@example.com"), { code: "invalid_credentials" });
  await client.account.changeEmail(registration.password, "grace@example.com");
  await client.confirmEmail(await mailToken(server, "grace@example.com", used));
  await client.requestPasswordReset("grace@example.com");
  const token = await mailToken(server, "grace@example.com", used);
  await assert.rejects(client.resetPassword(token, "password"), { code: "validation" });
  await client.resetPassword(token, "seventeen purple gallons of paint");
  await assert.rejects(client.confirmEmail(token), { code: "invalid_email_token" });
  await client.login({ email: "grace@example.com", password: "seventeen purple gallons of paint" });
});

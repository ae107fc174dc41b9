// What every client does. Each generator has a file that adapts its client to the interface Client.
import assert from 'node:assert/strict';

export interface Post { id: number; etag: string; title: string; owner_id: number }
export interface Problem { status: number; code: string; detail: string }
export interface Page { posts: Post[]; link: string | null }

/** Step is a column of the table in docs/clients.md. */
export type Step = 'signUp' | 'logIn' | 'write' | 'patch' | 'read' | 'page';

export interface Client {
  /** The steps that the generated code does only with a work-around. The table in docs/clients.md describes it. */
  workArounds?: Step[];
  signUp(email: string, password: string): Promise<{ id: number }>;
  /** Later calls of write and patch send the token. */
  logIn(email: string, password: string): Promise<unknown>;
  write(title: string): Promise<Post>;
  patch(id: number, etag: string, title: string): Promise<Post | Problem>;
  read(id: number): Promise<Post | Problem>;
  page(author: number, limit: number, cursor?: string): Promise<Page>;
}

/** Returns the data of an answer. A client that got an error instead fails here. */
export function need<T>(data: T | undefined, error?: unknown): T {
  assert.ok(data, `no data: ${JSON.stringify(error)}`);
  return data;
}

/** Runs the scenario. The address of the account must be new. */
export async function run(client: Client, email: string) {
  const password = 'seventeen purple gallons of paint';
  const { id } = await client.signUp(email, password);
  await client.logIn(email, password);

  const first = await client.write('first');
  const changed = await client.patch(first.id, first.etag, 'changed');
  assert.ok('title' in changed);
  assert.equal(changed.title, 'changed');
  const lost = await client.patch(first.id, first.etag, 'lost');
  assert.ok('code' in lost, 'the tag is old, so If-Match must fail');
  assert.deepEqual([lost.status, lost.code], [412, 'precondition_failed']);

  const missing = await client.read(Number.MAX_SAFE_INTEGER);
  assert.ok('code' in missing);
  assert.deepEqual([missing.status, missing.code], [404, 'some_future_code']);
  assert.ok(missing.detail);

  const second = await client.write('second');
  const third = await client.write('third');
  const newest = await client.page(id, 2);
  assert.deepEqual(newest.posts.map((post) => post.id), [third.id, second.id]);
  const next = newest.link?.match(/<([^>]+)>; rel="next"/)?.[1];
  assert.ok(next, `the next page is missing in ${newest.link}`);
  const oldest = await client.page(id, 2, new URL(next, 'http://postern').searchParams.get('cursor')!);
  assert.deepEqual(oldest.posts.map((post) => post.id), [first.id]);
  assert.doesNotMatch(oldest.link ?? '', /rel="next"/);
}

import { createClient } from './generated/hey-api/client';
import { type Account, createPost, createUser, getPost, listPosts, login, patchPost } from './generated/hey-api';
import { type Client, need } from './scenario';

export default function client(baseUrl: string): Client {
  let token = '';
  const client = createClient({ baseUrl, auth: () => token });
  return {
    workArounds: ['signUp'],
    async signUp(email, password) {
      const { data, error } = await createUser({ client, body: { email, password } });
      return need(data as Account | undefined, error);
    },
    async logIn(username, password) {
      const { data, error } = await login({ client, body: { username, password } });
      token = need(data, error).access_token;
    },
    async write(title) {
      const { data, error } = await createPost({ client, body: { title, content: 'text' } });
      return need(data, error);
    },
    async patch(id, etag, title) {
      const { data, error } = await patchPost({ client, path: { id }, headers: { 'If-Match': etag }, body: { title } });
      return need(data ?? error);
    },
    async read(id) {
      const { data, error } = await getPost({ client, path: { id } });
      return need(data ?? error);
    },
    async page(author, limit, cursor) {
      const { data, error, response } = await listPosts({ client, query: { author, limit, cursor } });
      return { posts: need(data, error), link: need(response).headers.get('Link') };
    },
  };
}

import createClient from 'openapi-fetch';
import type { paths } from './generated/openapi-fetch/schema';
import { type Client, need } from './scenario';

export default function client(baseUrl: string): Client {
  const api = createClient<paths>({ baseUrl });
  let headers = {};
  return {
    async signUp(email, password) {
      const { data, error } = await api.POST('/users', { body: { email, password } });
      return need(data, error);
    },
    async logIn(username, password) {
      const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const { data, error } = await api.POST('/login', { body: { username, password }, headers: form });
      headers = { Authorization: `Bearer ${need(data, error).access_token}` };
    },
    async write(title) {
      const { data, error } = await api.POST('/posts', { body: { title, content: 'text' }, headers });
      return need(data, error);
    },
    async patch(id, etag, title) {
      const { data, error } = await api.PATCH('/posts/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body: { title }, headers });
      return need(data ?? error);
    },
    async read(id) {
      const { data, error } = await api.GET('/posts/{id}', { params: { path: { id } } });
      return need(data ?? error);
    },
    async page(author, limit, cursor) {
      const { data, error, response } = await api.GET('/posts', { params: { query: { author, limit, cursor } } });
      return { posts: need(data, error), link: response.headers.get('Link') };
    },
  };
}

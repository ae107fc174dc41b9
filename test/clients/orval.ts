import * as api from './generated/orval/client';
import { type Client, need } from './scenario';

// The base is part of the generated code: the option baseUrl of orval.
export default function client(): Client {
  let headers = {};
  return {
    workArounds: ['patch'],
    async signUp(email, password) {
      const { status, data } = await api.createUser({ email, password });
      return need(status === 201 ? data : undefined, data);
    },
    async logIn(username, password) {
      const { status, data } = await api.login({ username, password });
      headers = { Authorization: `Bearer ${need(status === 200 ? data : undefined, data).access_token}` };
    },
    async write(title) {
      const { status, data } = await api.createPost({ title, content: 'text' }, { headers });
      return need(status === 201 ? data : undefined, data);
    },
    async patch(id, etag, title) {
      // The generated function has no argument for If-Match.
      return (await api.patchPost(id, { title }, { headers: { ...headers, 'If-Match': etag } })).data;
    },
    async read(id) {
      const { status, data } = await api.getPost(id);
      return need(status === 304 ? undefined : data);
    },
    async page(author, limit, cursor) {
      const { status, data, headers } = await api.listPosts({ author, limit, cursor });
      return { posts: need(status === 200 ? data : undefined, data), link: headers.get('Link') };
    },
  };
}

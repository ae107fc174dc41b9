import { Api, type HttpResponse } from './generated/swagger-typescript-api/client';
import type { Client, Problem } from './scenario';

// An error is thrown as the response with the member error.
const problem = (response: HttpResponse<unknown, Problem>) => response.error;

export default function client(baseUrl: string): Client {
  const api = new Api<string>({
    baseUrl,
    securityWorker: (token) => (token ? { headers: { Authorization: `Bearer ${token}` } } : {}),
  });
  return {
    workArounds: ['patch'],
    async signUp(email, password) {
      return (await api.users.createUser({ email, password })).data;
    },
    async logIn(username, password) {
      api.setSecurityData((await api.login.login({ username, password })).data.access_token);
    },
    async write(title) {
      return (await api.posts.createPost({ title, content: 'text' })).data;
    },
    async patch(id, etag, title) {
      // The generated method has no argument for If-Match.
      return api.posts.patchPost(id, { title }, { headers: { 'If-Match': etag } }).then((response) => response.data, problem);
    },
    async read(id) {
      return api.posts.getPost(id).then((response) => response.data, problem);
    },
    async page(author, limit, cursor) {
      const { data, headers } = await api.posts.listPosts({ author, limit, cursor });
      return { posts: data, link: headers.get('Link') };
    },
  };
}

import { isAxiosError } from 'axios';
import { createApiClient } from './generated/openapi-zod-client/client';
import type { Client, Problem } from './scenario';

function problem(error: unknown): Problem {
  if (isAxiosError<Problem>(error) && error.response) {
    return error.response.data;
  }
  throw error;
}

export default function client(baseUrl: string): Client {
  const api = createApiClient(baseUrl);
  let headers = {};
  // The generated methods return the body alone.
  let link: string | null = null;
  api.axios.interceptors.response.use((response) => {
    link = response.headers.link ?? null;
    return response;
  });
  return {
    workArounds: ['page'],
    signUp: (email, password) => api.CreateUser({ email, password }),
    async logIn(username, password) {
      headers = { Authorization: `Bearer ${(await api.Login({ username, password })).access_token}` };
    },
    write: (title) => api.CreatePost({ title, content: 'text' }, { headers }),
    patch: (id, etag, title) => api.PatchPost({ title }, { params: { id }, headers: { ...headers, 'If-Match': etag } }).catch(problem),
    read: (id) => api.GetPost({ params: { id } }).catch(problem),
    async page(author, limit, cursor) {
      const posts = await api.ListPosts({ queries: { author, limit, cursor } });
      return { posts, link };
    },
  };
}

import { ApiError, AuthenticationService, OpenAPI, PostsService, UsersService } from './generated/openapi-typescript-codegen';
import type { Client, Problem } from './scenario';

function problem(error: unknown): Problem {
  if (error instanceof ApiError) {
    return error.body;
  }
  throw error;
}

export default function client(base: string): Client {
  OpenAPI.BASE = base;
  return {
    workArounds: ['page'],
    signUp: (email, password) => UsersService.createUser({ email, password }),
    async logIn(username, password) {
      OpenAPI.TOKEN = (await AuthenticationService.login({ username, password })).access_token;
    },
    write: (title) => PostsService.createPost({ title, content: 'text' }),
    patch: (id, etag, title) => PostsService.patchPost(id, { title }, etag).catch(problem),
    read: (id) => PostsService.getPost(id).catch(problem),
    async page(author, limit, cursor) {
      // The generated methods return the body alone, and call the global fetch.
      let link: string | null = null;
      const { fetch } = globalThis;
      globalThis.fetch = async (...call) => {
        const response = await fetch(...call);
        link = response.headers.get('Link');
        return response;
      };
      try {
        const posts = await PostsService.listPosts(author, undefined, undefined, undefined, undefined, limit, cursor);
        return { posts, link };
      } finally {
        globalThis.fetch = fetch;
      }
    },
  };
}

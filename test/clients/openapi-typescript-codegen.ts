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
    workArounds: ['signUp', 'page'],
    async signUp(email, password) {
      // The generated method returns a header if an operation has two successes, and calls the global fetch.
      let body: Promise<{ id: number }> | undefined;
      const { fetch } = globalThis;
      globalThis.fetch = async (...call) => {
        const response = await fetch(...call);
        body = response.clone().json();
        return response;
      };
      await UsersService.createUser({ email, password }).finally(() => { globalThis.fetch = fetch; });
      return body!;
    },
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

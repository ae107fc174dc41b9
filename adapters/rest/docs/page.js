// Starts Swagger UI with what this service adds to it.
import { introduction } from './introduction.js';
import { operations } from './operations.js';
import { answers } from './answers.js';
import { keptAuthorization } from './authorization.js';

// Swagger UI has a dark style. It needs a class.
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

// Swagger UI fills in the example of every parameter, and then sends it. A reader who only wants the list would ask for one
// example's page, search and version at once. So optional parameters start empty, and their description has the example.
const startEmpty = (parameter) => {
  const { required, example, examples, schema, description = '', ...rest } = parameter;
  const shown = example ?? Object.values(examples ?? {})[0]?.value ?? schema?.example;
  if (required || shown === undefined) {
    return parameter;
  }
  const { example: _, ...type } = schema ?? {};
  return { ...rest, schema: type, description: `${description}\n\nExample: \`${shown}\`` };
};

// The code on the page calls the server that the page comes from.
const atThisServer = (text) => text.replaceAll('http://127.0.0.1:8080', window.location.origin);

const adapt = (node) => {
  if (typeof node === 'string') {
    return atThisServer(node);
  }
  if (Array.isArray(node)) {
    return node.map(adapt);
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, adapt(value)]));
  return typeof copy.name === 'string' && typeof copy.in === 'string' ? startEmpty(copy) : copy;
};

const adaptedDescription = () => ({
  statePlugins: { spec: { wrapActions: { updateJsonSpec: (original) => (spec) => original(adapt(spec)) } } },
});

const authorization = keptAuthorization(() => ui);
const ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  validatorUrl: null, // no request leaves this host
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  plugins: [adaptedDescription, introduction, operations, answers, authorization.plugin],
  onComplete: authorization.restore,
  responseInterceptor: authorization.afterAnswer,
});

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
const startEmpty = (parameter, schemas) => {
  if (parameter.required) {
    return parameter;
  }
  const { example, examples, schema, description = '', ...rest } = parameter;
  const { example: ofType, ...type } = schemas[schema.$ref?.split('/').at(-1)] ?? schema;
  const shown = example ?? Object.values(examples ?? {})[0]?.value ?? ofType;
  const isFilledIn = shown === undefined || shown === type.default;
  return { ...rest, schema: type, description: isFilledIn ? description : `${description}\n\nExample: \`${shown}\`` };
};

// The code on the page calls the server that the page comes from.
const atThisServer = (text) => text.replaceAll('http://127.0.0.1:8080', window.location.origin);

const adapt = (node, schemas) => {
  if (typeof node === 'string') {
    return atThisServer(node);
  }
  if (Array.isArray(node)) {
    return node.map((item) => adapt(item, schemas));
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, adapt(value, schemas)]));
  return typeof copy.name === 'string' && typeof copy.in === 'string' && copy.schema ? startEmpty(copy, schemas) : copy;
};

const adaptedDescription = () => ({
  statePlugins: { spec: { wrapActions: { updateJsonSpec: (original) => (spec) => original(adapt(spec, spec.components?.schemas ?? {})) } } },
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

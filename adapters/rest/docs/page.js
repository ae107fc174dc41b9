'use strict';

// Swagger UI has a dark style, for whoever sets the class.
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

// Of the ways to authorize, the one that takes an e-mail address and a password comes first.
const passwordFirst = () => ({
  statePlugins: {
    auth: {
      wrapSelectors: {
        shownDefinitions: (original) => (state, ...rest) => {
          const shown = original(state, ...rest);
          return shown ? shown.sortBy((scheme) => (scheme.first().get('type') === 'oauth2' ? 0 : 1)) : shown;
        },
      },
    },
  },
});

// What to do first stands beside the button that does it.
const howToBegin = () => ({
  wrapComponents: {
    authorizeBtn: (Original, { React, layoutActions }) => (properties) => {
      const openSignUp = (event) => {
        event.preventDefault(); // Swagger UI reads the address only once
        layoutActions.show(['operations', 'Users', 'CreateUser'], true);
        document.getElementById('operations-Users-CreateUser').scrollIntoView();
      };
      return React.createElement(React.Fragment, null,
        React.createElement('p', { className: 'how-to-begin' },
          'Sign up with ', React.createElement('a', { href: '#/Users/CreateUser', onClick: openSignUp }, 'POST /users'),
          ', authorize with your e-mail address and password, and send any request on this page.'),
        React.createElement(Original, properties));
    },
  },
});

// Swagger UI fills in the example of every parameter, and then sends it: a reader who only wants the list would ask for one
// example's page, search and version at once. So optional parameters start empty, and tell their example in words.
const startEmpty = (parameter) => {
  const { required, example, examples, schema, description = '', ...rest } = parameter;
  const shown = example ?? Object.values(examples ?? {})[0]?.value ?? schema?.example;
  if (required || shown === undefined) {
    return parameter;
  }
  const { example: _, ...type } = schema ?? {};
  return { ...rest, schema: type, description: `${description}\n\nExample: \`${shown}\`` };
};

const withEmptyParameters = (node) => {
  if (Array.isArray(node)) {
    return node.map(withEmptyParameters);
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withEmptyParameters(value)]));
  return typeof copy.name === 'string' && typeof copy.in === 'string' ? startEmpty(copy) : copy;
};

const emptyParameters = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (spec) => original(withEmptyParameters(spec)),
      },
    },
  },
});

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  validatorUrl: null, // no request leaves this host
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  plugins: [passwordFirst, howToBegin, emptyParameters],
});

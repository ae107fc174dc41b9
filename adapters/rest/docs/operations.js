// Each operation: its lock, and its code samples.
import { codeBlock } from './code.js';

// The names that samples use without defining them, and where they come from.
const names = {
  curl: [
    [/\$TOKEN\b/, 'TOKEN is the access_token of a login.'],
    [/\$REFRESH_TOKEN\b/, 'REFRESH_TOKEN is the refresh_token of a login.'],
    [/\$ETAG\b/, 'ETAG is the etag of the post that you read.'],
    [/\$SESSION\b/, 'SESSION is the id of a session from your list.'],
  ],
  Go: [
    [/\bclient\./, 'client is the package example.com/postern/api/client.'],
    [/^(?![\s\S]*api, err :=)[\s\S]*\bapi\./, 'api is what client.New returns.'],
    [/^(?![\s\S]*session, err :=)[\s\S]*\bsession\./, 'session is what api.Login returns.'],
  ],
  TypeScript: [
    [/\bnew Postern\b/, 'Postern is from the package @postern/client.'],
    [/^(?![\s\S]*new Postern)[\s\S]*\bclient\./, 'client is a Postern that has logged in.'],
  ],
};

let chosen = 'curl'; // in all operations

/** Returns a link that opens an operation of the page. Swagger UI reads the address only once. */
export const operationLink = ({ React, layoutActions }, tag, operation, text) => React.createElement('a', {
  href: `#/${tag}/${operation}`,
  onClick: (event) => {
    event.preventDefault();
    layoutActions.show(['operations', tag, operation], true);
    document.getElementById(`operations-${tag}-${operation}`).scrollIntoView();
  },
}, text);

const samplesComponent = (system) => ({ samples }) => {
  const { React } = system;
  const h = React.createElement;
  const [label, setLabel] = React.useState(chosen);
  const choose = (next) => {
    chosen = next;
    setLabel(next);
  };
  const shown = samples.find((sample) => sample.label === label) ?? samples[0];
  const notes = (names[shown.label] ?? []).filter(([name]) => name.test(shown.source)).map(([, note]) => note);
  return h('section', { className: 'samples', 'aria-label': 'Code samples' },
    h('div', { className: 'languages' }, samples.map((sample) => h('button', {
      key: sample.label, type: 'button', 'aria-pressed': sample === shown, onClick: () => choose(sample.label),
    }, sample.label))),
    h(codeBlock(React), { text: shown.source }),
    notes.length > 0 && h('p', null, notes.join(' '), ' See ', operationLink(system, 'Authentication', 'Login', 'Log in'), '.'));
};

export const operations = (system) => {
  const { React } = system;
  const Samples = samplesComponent(system);
  const isOptional = (security) => security?.some((requirement) => requirement.isEmpty()) ?? false;
  return {
    wrapComponents: {
      // An operation that works without a token has no lock.
      OperationSummary: (Original) => ({ operationProps, ...rest }) => {
        const shown = isOptional(operationProps.get('security')) ? operationProps.delete('security') : operationProps;
        return React.createElement(Original, { ...rest, operationProps: shown });
      },

      // The lock is closed until there is a token. Swagger UI has it the other way round.
      authorizeOperationBtn: (_, { getComponent }) => ({ isAuthorized, onClick }) => {
        const name = isAuthorized ? 'Authorized' : 'Needs a token: authorize';
        const press = (event) => {
          event.stopPropagation();
          onClick();
        };
        return React.createElement('button', { className: 'authorization__btn', 'aria-label': name, title: name, onClick: press },
          React.createElement(getComponent(isAuthorized ? 'UnlockAuthOperationIcon' : 'LockAuthOperationIcon', true), {
            className: isAuthorized ? 'unlocked' : 'locked',
          }));
      },

      parameters: (Original) => (properties) => {
        const samples = properties.operation.get('x-codeSamples')?.toJS();
        return React.createElement(React.Fragment, null,
          samples && React.createElement(Samples, { samples }), React.createElement(Original, properties));
      },
    },
  };
};

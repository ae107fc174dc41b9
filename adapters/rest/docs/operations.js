// Each operation: its lock, and its code samples.
import { codeBlock } from './code.js';

// The variables of the samples, and where they come from.
const origins = [
  [/\$TOKEN\b/, 'TOKEN is the access_token'],
  [/\$REFRESH_TOKEN\b/, 'REFRESH_TOKEN is the refresh_token'],
  [/\bsession\.(?!Tokens\(\)\.ExpiresAt)/, 'session is what api.Login returns'],
  [/^(?![\s\S]*new Postern)[\s\S]*\bclient\.(?!New\b|[A-Z])/, 'client is a Postern that has logged in'],
];

let chosen = 'curl'; // in all operations

const samplesComponent = (React) => ({ samples }) => {
  const h = React.createElement;
  const [label, setLabel] = React.useState(chosen);
  const choose = (next) => {
    chosen = next;
    setLabel(next);
  };
  const shown = samples.find((sample) => sample.label === label) ?? samples[0];
  const origin = origins.find(([variable]) => variable.test(shown.source))?.[1];
  return h('section', { className: 'samples', 'aria-label': 'Code samples' },
    h('div', { className: 'languages' }, samples.map((sample) => h('button', {
      key: sample.label, type: 'button', 'aria-pressed': sample === shown, onClick: () => choose(sample.label),
    }, sample.label))),
    h(codeBlock(React), { text: shown.source }),
    origin && h('p', null, `${origin}: see `, h('a', { href: '#/Authentication/Login' }, 'Log in'), '.'));
};

export const operations = (system) => {
  const { React } = system;
  const Samples = samplesComponent(React);
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

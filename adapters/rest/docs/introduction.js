// The first screen: what this is, a quick start, and how to begin. The rules for all operations are folded.
import { codeBlock } from './code.js';
import { operationLink } from './operations.js';

const quickStart = /```sh\n([\s\S]*?)```\n?/;

export const introduction = () => ({
  wrapComponents: {
    info: (Original, { React, getComponent }) => (properties) => {
      const h = React.createElement;
      const Markdown = getComponent('Markdown', true);
      const [first, ...rules] = properties.info.get('description', '').split(/^(?=## )/m);
      const names = rules.map((rule) => rule.match(/^## (.*)/)[1].toLowerCase());
      const shown = properties.info.delete('contact').delete('license'); // they would come between the text and the code
      return h('div', { className: 'introduction' },
        h(Original, { ...properties, info: shown.set('description', first.replace(quickStart, '')) }),
        h(codeBlock(React), { text: first.match(quickStart)?.[1] ?? '' }),
        rules.length > 0 && h('details', { className: 'rules' },
          h('summary', null, `Rules for all operations: ${names.join(', ')}`),
          h(Markdown, { source: rules.join('') })));
    },

    InfoUrl: (_, { React, specSelectors }) => () => {
      const license = specSelectors.info().get('license');
      const links = [['/openapi.json', 'openapi.json'], ['/openapi.yaml', 'openapi.yaml'], ['/problems', 'All errors'],
        [license.get('url'), `${license.get('name')} licence`]];
      return React.createElement('nav', { className: 'links', 'aria-label': 'Documents' },
        links.map(([href, text]) => React.createElement('a', { key: href, href }, text)));
    },

    // What to do first stands beside the button that does it.
    authorizeBtn: (_, system) => ({ isAuthorized, onClick, showPopup }) => {
      const { React, getComponent } = system;
      const h = React.createElement;
      const Popup = getComponent('authorizationPopup', true);
      const Icon = getComponent(isAuthorized ? 'UnlockAuthIcon' : 'LockAuthIcon', true);
      return h(React.Fragment, null,
        h('p', { className: 'how-to-begin' }, 'Or try it here: sign up with ',
          operationLink(system, 'Users', 'CreateUser', 'POST /users'),
          ', authorize with your e-mail address and password, and send any request.'),
        h('div', { className: 'auth-wrapper' },
          h('button', { className: `btn authorize${isAuthorized ? ' is-authorized' : ''}`, onClick },
            h('span', null, isAuthorized ? 'Authorized' : 'Authorize'), h(Icon)),
          showPopup && h(Popup)));
    },
  },
});

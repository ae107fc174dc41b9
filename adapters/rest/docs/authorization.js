// Keeps the authorization over a reload. It ends with the tab, with the session, and when the access token expires.

const key = 'postern.authorization';

/** Returns what Swagger UI needs to keep the authorization. The argument returns Swagger UI's system. */
export const keptAuthorization = (getUI) => {
  // Only the access token is kept, never the password or the refresh token.
  const save = (authorized) => {
    const kept = Object.fromEntries(Object.entries(authorized).map(([name, { schema, token, value }]) => {
      const until = token && Date.now() + token.expires_in * 1000;
      return [name, { name, schema, value, token: token && { access_token: token.access_token, token_type: token.token_type }, until }];
    }));
    sessionStorage.setItem(key, JSON.stringify(kept));
  };

  const saving = (original, system) => (argument) => {
    const result = original(argument);
    save(system.authSelectors.authorized()?.toJS() ?? {});
    return result;
  };

  const forget = () => {
    const ui = getUI();
    const names = Object.keys(ui.authSelectors.authorized()?.toJS() ?? {});
    if (names.length > 0) {
      ui.authActions.logout(names);
    }
  };

  // The button of the dialog ends the sessions that the dialog began.
  const endingSessions = (original, system) => (names) => {
    const authorized = system.authSelectors.authorized().toJS();
    const tokens = names.map((name) => authorized[name]?.token?.access_token).filter(Boolean);
    tokens.forEach((token) => fetch('/logout', { method: 'POST', headers: { Authorization: `Bearer ${token}` } }));
    return original(names);
  };

  return {
    plugin: () => ({
      statePlugins: {
        auth: {
          wrapActions: { authorize: saving, authorizeOauth2: saving, logout: saving, logoutWithPersistOption: endingSessions },
          wrapSelectors: { shownDefinitions: passwordFirst },
        },
      },
    }),

    restore: () => {
      const kept = Object.entries(JSON.parse(sessionStorage.getItem(key) ?? '{}'));
      const valid = kept.filter(([, { until }]) => until === undefined || until > Date.now());
      if (valid.length > 0) {
        getUI().authActions.restoreAuthorization({ authorized: Object.fromEntries(valid) });
      }
    },

    afterAnswer: (answer) => {
      const { pathname } = new URL(answer.url, window.location.href);
      const ended = answer.status === 204 && (pathname === '/logout' || pathname === '/users/me');
      if (ended || answer.status === 401) {
        forget();
      }
      return answer;
    },
  };
};

// Of the ways to authorize, the one that takes an e-mail address and a password comes first.
const passwordFirst = (original) => (state, ...rest) => {
  const shown = original(state, ...rest);
  return shown ? shown.sortBy((scheme) => (scheme.first().get('type') === 'oauth2' ? 0 : 1)) : shown;
};

// The answers of an operation: successes first, errors in a short table, and the headers of every answer folded.

const isError = (_, status) => Number(status) >= 400;

/** Returns the headers that every answer of the operation has, and a function that removes them from an answer's headers. */
const splitHeaders = (responses) => {
  const all = responses.valueSeq().map((response) => response.get('headers')).toArray();
  const everywhere = (_, name) => all.every((headers) => headers?.has(name));
  return { common: all[0]?.filter(everywhere), own: (headers) => headers?.filterNot(everywhere) };
};

/** Returns the problems that an error response has as examples. */
const problemsOf = (response) => (response.get('content')?.valueSeq().toArray() ?? [])
  .flatMap((content) => content.get('examples')?.valueSeq().toJS() ?? [])
  .map((example) => example.value);

export const answers = (system) => {
  const { React } = system;
  const h = React.createElement;

  const ProblemLink = ({ code }) => h('a', { href: `/problems/${code}`, target: '_blank', rel: 'noopener' }, h('code', null, code));

  const Errors = ({ responses, own }) => h('section', { className: 'errors-table' },
    h('h4', null, 'Errors'),
    h('table', null, h('tbody', null, responses.entrySeq().toArray().map(([status, response]) => {
      const problems = problemsOf(response);
      const codes = [...new Set(problems.map((problem) => problem.code))];
      const headers = own(response.get('headers'))?.keySeq().toArray() ?? [];
      return h('tr', { key: status },
        h('th', { scope: 'row' }, status),
        h('td', null,
          h('div', { className: 'codes' }, codes.map((code) => h(ProblemLink, { key: code, code }))),
          response.get('description'),
          headers.length > 0 && h('span', { className: 'error-headers' }, ` Headers: ${headers.join(', ')}.`),
          h('details', null, h('summary', null, problems.length === 1 ? 'Example' : 'Examples'),
            problems.map((problem, i) => h('pre', { key: i, tabIndex: 0 }, JSON.stringify(problem, null, 2))))));
    }))));

  const Folded = ({ title, children }) => h('details', { className: 'folded' }, h('summary', null, title), children);

  return {
    wrapComponents: {
      responses: (Original, { getComponent }) => ({ responses, ...rest }) => {
        if (!responses.every((response) => response.has('description'))) { // the references are not resolved yet
          return h(Original, { ...rest, responses });
        }
        const { common, own } = splitHeaders(responses);
        const successes = responses.filterNot(isError).map((response) => response.set('headers', own(response.get('headers'))));
        return h(React.Fragment, null,
          h(Original, { ...rest, responses: successes }),
          h(Errors, { responses: responses.filter(isError), own }),
          common?.size > 0 && h(Folded, { title: `Headers of every answer (${common.size})` },
            h(getComponent('headers'), { headers: common, getComponent })));
      },

      // Of the headers that came, those that say something about the answer are shown. The others are folded.
      liveResponse: (Original) => ({ response, ...rest }) => {
        const all = response.get('headers');
        const said = /^(content-type|etag|link|location|retry-after|ratelimit.*|www-authenticate|idempotency-replayed|allow|accept.*)$/i;
        const code = codeOf(response.get('text'));
        return h(React.Fragment, null,
          h(Original, { ...rest, response: response.set('headers', all.filter((_, name) => said.test(name))) }),
          h(Folded, { title: `All headers (${all.size})` },
            h('pre', { tabIndex: 0 }, all.entrySeq().map(([name, value]) => `${name}: ${value}`).join('\n'))),
          code && h('p', { className: 'explained' }, 'What this means and what to do: ', h(ProblemLink, { code })));
      },
    },
  };
};

/** Returns the code of a problem, or undefined if the text is not a problem. */
const codeOf = (text) => {
  try {
    const { type, code } = JSON.parse(text);
    return type?.endsWith(`/problems/${code}`) ? code : undefined;
  } catch {
    return undefined;
  }
};

// Sends the token from the link in a mail, after the person has confirmed it. Opening the page sends nothing.
const form = document.querySelector('form');
const status = document.querySelector('#status');
const password = document.querySelector('#password'); // null on the page that only confirms
const again = document.querySelector('#again');
const button = form.querySelector('button');
const api = new URL('../', import.meta.url); // this script is at account/page.js
let token;
let sending = false;

const tell = (outcome, text) => {
  status.dataset.outcome = outcome;
  status.textContent = text;
};

const mark = (field, note, text) => {
  note.textContent = text;
  field.setAttribute('aria-invalid', String(text !== ''));
  if (text !== '') {
    tell('', '');
    field.focus();
  }
};

// The focus would be lost with the form.
const finish = (outcome, text) => {
  token = undefined;
  form.reset();
  form.hidden = true;
  tell(outcome, text);
  status.focus();
};

// The token stays neither in the address bar nor in the history.
const begin = () => {
  token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  if (!token) {
    finish('fault', 'The link is not complete, or this page was loaded again. Open the link in the mail once more.');
    return;
  }
  form.hidden = false;
  tell('', '');
  (password ?? button).focus();
};

const seconds = (n) => (n === 1 ? '1 second' : `${n} seconds`);

const unknown = password
  ? 'The answer was lost. Try to log in with the new password. If that fails, send the form again.'
  : 'The answer was lost. Send the form again. If the link no longer works then, the address is confirmed.';

const refuse = (response, problem) => {
  const wait = seconds(Number(response.headers.get('Retry-After') ?? 1));
  const faultOf = (pointer) => problem.errors?.find((error) => error.pointer === pointer);
  switch (response.status) {
    case 403:
      return finish('fault', 'This link no longer works: it was used before, a newer mail replaced it, or it is older than 30 minutes. Ask for a new mail.');
    case 409:
      return finish('fault', 'Another account has this address now. Nothing was changed.');
    case 422:
      if (password && faultOf('/new_password')) {
        return mark(password, document.querySelector('#fault'), `The password ${faultOf('/new_password').detail}.`);
      }
      return finish('fault', 'The link is not complete. Copy the whole link from the mail.');
    case 429:
      return tell('fault', `Too many attempts. Try again in ${wait}.`);
    case 503:
      return tell('fault', problem.code === 'outcome_unknown' ? unknown : `The service is busy. Try again in ${wait}.`);
    default:
      return tell('fault', `Something went wrong (${response.status}). Try again later.`);
  }
};

const send = async () => {
  const response = await fetch(new URL(form.dataset.operation, api), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(password ? { token, new_password: password.value } : { token }),
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(30_000),
  });
  if (response.ok) {
    return finish('done', form.dataset.done);
  }
  return refuse(response, await response.json().catch(() => ({})));
};

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (sending) {
    return;
  }
  if (password) {
    mark(again, document.querySelector('#difference'), again.value === password.value ? '' : 'The two passwords differ.');
    mark(password, document.querySelector('#fault'), password.value === '' ? 'Enter a password.' : '');
    if (form.querySelector('[aria-invalid="true"]')) {
      return;
    }
  }
  sending = true;
  tell('', 'One moment…');
  try {
    await send();
  } catch {
    tell('fault', unknown);
  }
  sending = false;
});

document.querySelector('#visible')?.addEventListener('change', ({ target }) => {
  password.type = target.checked ? 'text' : 'password';
  again.type = password.type;
});
addEventListener('hashchange', () => location.hash !== '' && begin());
begin();

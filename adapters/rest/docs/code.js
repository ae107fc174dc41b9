// A block of code with a button that copies it.

let component;

/** Returns the component of a block of code. Its property `text` is the code. */
export const codeBlock = (React) => {
  component ??= ({ text }) => {
    const h = React.createElement;
    const [copied, setCopied] = React.useState(false);
    const copy = async () => {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    };
    return h('div', { className: 'code-block' },
      h('pre', { tabIndex: 0 }, h('code', null, text.trimEnd())),
      // Browsers offer the clipboard to pages with TLS and to the own machine only.
      navigator.clipboard && h('button', { type: 'button', onClick: copy }, copied ? 'Copied' : 'Copy'));
  };
  return component;
};

import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";

import { useSession } from "../session";

interface TitleProps {
  text: string;
  /// One line below it.
  about?: ComponentChildren;
  children?: ComponentChildren; // what can be done here
}

/// A page's heading, which the window is also called by.
export function Title({ text, about, children }: TitleProps): JSX.Element {
  const { me } = useSession();
  useEffect(() => {
    document.title = `${text} · ${me.hub.name}`;
  }, [text]);
  return (
    <div class="title">
      <div class="title-words">
        <h1 tabIndex={-1}>{text}</h1>
        {about && <p class="about">{about}</p>}
      </div>
      {children && <div class="title-actions">{children}</div>}
    </div>
  );
}

/* The entry: every behaviour hangs on a data attribute and knows no word of what the cards are about.

   Board      [data-column] with data-drop-url, data-name, data-limit, data-open-url, data-slot, data-slot-more
              [data-list] in it, [data-card] in that, one element with an id, data-ref and data-version in that
   Events     placed {card, list, before}: the card with this id goes into this list, before that card
              close-dialog: the dialog closes
              open-dialog {url}: a question comes first; this page opens in the dialog
   Dialog     [data-dialog] link: its page opens in #dialog; [data-close] closes
   Toast      [data-toast], [data-stay], [data-undo], [data-dismiss]
   Menu       details[data-pop] closes by Escape and by a click elsewhere
   Edit       [data-edit=url] with data-name, data-version, data-lines: text that opens into a field
   Quick      [data-quick-open] shows the form[data-quick] beside it
   Keys       [data-key=c] is pressed by C; [data-go=b] by G B; [data-card-keys="m:move/"] opens a page below the card's own
   Poll       [data-poll] asks again by itself, without a word when nobody answers
   Live       body[data-live]: see live.js; [data-here] shows who is here
   Tabs       [data-tabs] links to the columns of a [data-scroller] */

import "./answers.js";
import "./dialog.js";
import "./drag.js";
import "./edit.js";
import "./keys-drag.js";
import "./keys.js";
import "./live.js";
import "./menu.js";
import "./offline.js";
import "./palette.js";
import "./place.js";
import "./poll.js";
import "./quick.js";
import "./submit.js";
import "./tabs.js";
import "./toast.js";

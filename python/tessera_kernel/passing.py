"""Requests that Deno's kernel answers, in what it can read; all others are refused."""

from . import completion
from .connection import Front
from .deno import Deno
from .messages import Json, Message
from .replies import Replies

# What Deno's kernel has replies to, beside cells; whoever asks it for more waits for ever.
_ANSWERED = ("complete_request", "comm_info_request")
# What has no reply, and means something to Deno's kernel; it never replies again after what it cannot read.
_COMMS = ("comm_open", "comm_msg", "comm_close")


async def pass_on(message: Message, deno: Deno, front: Front, replies: Replies) -> None:
    """Gives a front end Deno's reply, and waits until what has none was dealt with."""
    if message.type in _ANSWERED:
        code, target = message.text("code"), message.text("target_name")
        completes = message.type == "complete_request"
        asked: Json = {"target_name": target} if target else {}
        if completes:
            asked = completion.asked(code, message.cursor)
        reply = await deno.request(message.type, asked)
        content = completion.answered(code, reply.content) if completes else reply.content
        await front.reply(front.shell, message, reply.type, content)
    elif message.type.endswith("_request"):
        await replies.refuse(front.shell, message)
    elif message.type in _COMMS:
        await deno.tell(message.type, _comm(message), message.buffers)


def _comm(message: Message) -> Json:
    """The content of a comm's message, as Deno's kernel reads it."""
    data = message.content.get("data")
    names = ("comm_id", "target_name") if message.type == "comm_open" else ("comm_id",)
    return {**{name: message.text(name) for name in names}, "data": data if isinstance(data, dict) else {}}

"""What kernel.json starts: a door between Jupyter and Deno's kernel.

It owns Jupyter's sockets; Deno's kernel has a connection of its own behind it. Each cell is rewritten line
for line (`cells`), so that Stop can end it (`stopping`); what it prints and shows comes through a pipe
(`outputs`); errors are told in the cell's own lines (`errors`). `inside/` is what runs in Deno.
"""

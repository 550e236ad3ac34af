# A tiny program: it greets, asks for its number and for a letter that is not there, and ends with the number of that error.

    .section .note.tiny, "a", @note
    .word 2f - 1f, 0, 1
1:  .asciz "tiny"
2:  .balign 4

    .text
    .globl _start
_start:
    li a7, 1            # write(1, text, 6)
    li a0, 1
    la a1, text
    li a2, 6
    ecall
    li a7, 3            # whoami()
    ecall
    li a7, 4            # letter(26)
    li a0, 26
    ecall
    neg a0, a0
    li a7, 2            # exit(a0)
    ecall

    .section .rodata
text:
    .ascii "hello\n"

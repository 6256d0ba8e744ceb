package io.cria.llm;

/**
 * Tokens of one answer.
 *
 * @param prompt tokens of the prompt, the cached ones included
 * @param cached tokens of the prompt that the provider had cached
 * @param completion tokens generated
 * @param estimated the provider told no usage; these are a quarter of the UTF-8 bytes, rounded up
 */
public record Usage(int prompt, int cached, int completion, boolean estimated)
    implements java.io.Serializable {}
